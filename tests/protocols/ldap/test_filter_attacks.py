"""Attacks with filters: too deep for the stack of whoever takes them apart, or too long for his patience."""

import pytest

from protocols import ldap
from protocols.dialogue import LoginResult, Outcome
from protocols.ldap import Exchange
from protocols.terms import Anonymous, DirectoryTerms, FrontTerms
from tests.protocols.ldap.filters import AND, NOT, OR, PRESENT, element, nested, search
from tests.protocols.ldap.notation import message, request
from tests.protocols.talk import talk

BIND = message("bind 1 fritz secret")
WAYS_IN = {
    "passed through": LoginResult(Outcome.ACCEPTED, b""),
    "admitted": LoginResult(Outcome.ACCEPTED, b"", delegated=b"u:fritz"),
}
TOO_LARGE = message('search-done 2 11 "The filter is too large: 10000 terms, 50 deep, are allowed"')
every_way_in = pytest.mark.parametrize("way_in", WAYS_IN.values(), ids=WAYS_IN)


def asked(stream, way_in):
    return talk(ldap.front(FrontTerms()), [BIND + stream], results=[way_in])


def is_refused(stream, way_in):
    ended = asked(stream + message("compare 3 cn=x cn=y"), way_in)
    assert ended.sent == message("bind-response 1 0") + TOO_LARGE
    assert ended.forwarded == [message("compare 3 cn=x cn=y")]


def passes(stream, way_in):
    assert asked(stream, way_in).forwarded == [Exchange().ask(request(stream))]


@every_way_in
@pytest.mark.parametrize("tags", [[NOT], [AND], [OR], [AND, OR, NOT]])
@pytest.mark.parametrize("depth", [60, 1000, 100_000])
def test_ldap_11_a_filter_that_is_too_deep_reaches_no_directory(way_in, tags, depth):
    is_refused(search(nested((tags * depth)[:depth])), way_in)


@every_way_in
def test_ldap_11_it_may_be_50_deep(way_in):
    passes(search(nested([NOT] * 49)), way_in)
    is_refused(search(nested([NOT] * 50)), way_in)


@every_way_in
def test_ldap_11_it_may_have_10000_terms(way_in):
    passes(search(element(OR, PRESENT * 9_999)), way_in)
    is_refused(search(element(OR, PRESENT * 10_000)), way_in)
    is_refused(search(element(AND, element(OR, b"") * 400_000)), way_in)


@every_way_in
def test_ldap_11_a_short_way_down_behind_a_long_one_does_not_count_twice(way_in):
    passes(search(element(AND, nested([NOT] * 48) * 100)), way_in)


def test_ldap_11_the_same_for_strangers_who_may_ask():
    terms = FrontTerms(directory=DirectoryTerms(Anonymous.PASS))
    for stream in (search(nested([NOT] * 1000)), search(nested([AND] * 51))):
        ended = talk(ldap.front(terms), [stream])
        assert ended.sent == TOO_LARGE
        assert ended.forwarded == []


@every_way_in
def test_ldap_11_a_search_may_ask_for_10000_attributes(way_in):
    passes(search(PRESENT, b"\4\1x" * 10_000), way_in)
    ended = asked(search(PRESENT, b"\4\1x" * 10_001), way_in)
    assert ended.sent.endswith(message('search-done 2 11 "A search may ask for 10000 attributes"'))
    assert ended.forwarded == []
    assert asked(search(PRESENT, b"\4\1x" * 1_000_000), way_in).forwarded == []


def test_ldap_11_the_root_dse_is_answered_however_much_is_asked_of_it():
    stream = search(nested([NOT] * 40), b"\4\1x" * 5000, base=b"").replace(b"\x0a\1\2", b"\x0a\1\0", 1)
    ended = talk(ldap.front(FrontTerms()), [stream])
    assert ended.sent == message('entry 2 ""') + message("search-done 2 0")


@pytest.mark.parametrize("operation", ["modify", "add"])
def test_ldap_11_a_million_attributes_are_not_written(operation):
    if operation == "modify":
        item, tag = element(0x30, b"\x0a\1\2\x30\5\4\1x\x31\0"), 0x66
    else:
        item, tag = b"\x30\5\4\1x\x31\0", 0x68
    body = b"\2\1\2" + element(tag, b"\4\4cn=x" + element(0x30, item * 200_000))
    ended = asked(element(0x30, body), WAYS_IN["admitted"])
    assert ended.forwarded == []
    assert ended.end == "ProtocolError: too many attributes in one operation"


@pytest.mark.parametrize(
    "filter",
    [
        b"",
        b"\xa2\x05\x87\1x",  # a child longer than there is
        b"\xa2\x03\x87\x05x",
        b"\xa0\x80\x87\1x\0\0",
        b"\xa0\x02\x9f\x20",
        b"\xa0\x01\x87",
    ],
)
@every_way_in
def test_ldap_11_a_filter_that_nobody_can_read_ends_it(way_in, filter):
    before = b"\4\0\x0a\1\2\x0a\1\0\2\1\0\2\1\0\1\1\0"
    ended = asked(element(0x30, b"\2\1\2" + element(0x63, before + filter)), way_in)
    assert ended.forwarded == []
    assert ended.end.startswith("ProtocolError: ")
