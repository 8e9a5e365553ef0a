"""Requests as clients cut them and write them, and requests that they give up."""

import socket

import pytest

from tests.gateway.ldap import ber
from tests.gateway.ldap.ber import Answer, Found
from tests.gateway.ldap.roomy import roomy_slapd
from tests.servers.directory import BASE, PEOPLE

pytestmark = pytest.mark.timeout(60)
PAGED_RESULTS = "1.2.840.113556.1.4.319"
SLOW = f"cn=slow,ou=answers,{BASE}"
RETCODE = f"""
overlay retcode
retcode-parent "ou=answers,{BASE}"
retcode-item "cn=slow" 0x00 sleeptime=2
"""


@pytest.fixture(scope="module")
def slapd():
    """It thinks for two seconds about one of its entries, unless it needn't."""
    with roomy_slapd(overlays=RETCODE, settings="moduleload retcode.so\n") as slapd:
        yield slapd


def as_windows_writes_it(data):
    """All lengths but those of single values take four bytes, however short they are: 30 84 00 00 00 2A."""
    written = b""
    for tag, contents in ber.split(data):
        if tag & 0x20:
            contents = as_windows_writes_it(contents)
            written += bytes((tag, 0x84)) + len(contents).to_bytes(4) + contents
        else:
            written += ber.element(tag, contents)
    return written


def as_nobody_needs_to_write_it(data):
    """Each length in three bytes, those of single values too."""
    written = b""
    for tag, contents in ber.split(data):
        contents = as_nobody_needs_to_write_it(contents) if tag & 0x20 else contents
        written += bytes((tag, 0x83)) + len(contents).to_bytes(3) + contents
    return written


def search_for_good(number, *controls):
    return ber.search(number, PEOPLE, ber.equals("uid", "good"), ["mail"], controls=controls)


def is_good(wire, number):
    """The answer to it: one entry, and success."""
    found, done = wire.answer(), wire.answer()
    assert isinstance(found, Found)
    assert b"good@example.test" in found.data
    assert (found.number, done.number, done.tag, done.code) == (number, number, ber.SEARCH_DONE, 0)


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_half_a_request_waits_for_the_rest_wherever_it_is_cut(door, entrant, tls):
    with door.wire(tls) as wire:
        wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for make in (lambda number: ber.bind(number, entrant.dn, entrant.secret), search_for_good):
            for at in range(1, len(make(wire.next()))):
                number = wire.next()
                request = make(number)
                wire.send(request[:at])
                wire.send(request[at:])
                if make is search_for_good:
                    is_good(wire, number)
                else:
                    assert wire.answer() == Answer(number, ber.BIND_RESPONSE, 0, "")


def test_a_request_and_a_half_are_one_answer_and_then_the_other(door, entrant):
    with door.wire() as wire:
        assert wire.bind(entrant.dn, entrant.secret) == (0, "")
        first, second = search_for_good(10), search_for_good(11)
        wire.send(first + second[:20])
        is_good(wire, 10)
        wire.send(second[20:])
        is_good(wire, 11)


@pytest.mark.parametrize("write", [as_windows_writes_it, as_nobody_needs_to_write_it])
def test_lengths_may_be_written_longer_than_they_are(door, entrant, write):
    page = ber.control(PAGED_RESULTS, ber.element(0x30, ber.integer(10), ber.octets("")))
    with door.wire() as wire:
        wire.send(write(ber.bind(wire.next(), entrant.dn, entrant.secret)))
        answer = wire.answer()
        assert (answer.tag, answer.code) == (ber.BIND_RESPONSE, 0)
        for request in (search_for_good(10), search_for_good(10, page), search_for_good(10, page)):
            wire.send(write(request))
            is_good(wire, 10)
        change = ber.modify(wire.next(), entrant.dn, "title", "written at length")
        assert wire.ask(write(change)).code == 0
        assert wire.ask(write(ber.compare(wire.next(), entrant.dn, "title", "written at length"))).code == 6
        wire.send(write(ber.UNBIND))
        assert wire.rest() == []


def test_windows_starts_tls_in_its_own_spelling(door, entrant):
    with door.wire("none") as wire:
        assert wire.ask(as_windows_writes_it(ber.extended(wire.next(), ber.START_TLS))).code == 0
        wire.handshake()
        wire.send(as_windows_writes_it(ber.bind(wire.next(), entrant.dn, entrant.secret)))
        assert wire.answer().code == 0


def test_what_is_abandoned_is_not_answered_and_what_follows_is(door, entrant):
    with door.wire() as wire:
        assert wire.bind(entrant.dn, entrant.secret) == (0, "")
        for number in (500, 600):
            wire.send(ber.search(number, SLOW, scope=ber.BASE) + ber.abandon(number + 1, number))
            assert wire.who_am_i() == f"dn:{entrant.dn}"
            assert door.slapd.logged(rf"ABANDON msg={number}\n")
        wire.send(search_for_good(700))
        is_good(wire, 700)


def test_a_bind_abandons_what_is_unanswered(door, entrant):
    """RFC 4511, section 4.2.1."""
    with door.wire() as wire:
        assert wire.bind(entrant.dn, entrant.secret) == (0, "")
        wire.send(ber.search(500, SLOW, scope=ber.BASE))
        assert wire.bind(entrant.dn, entrant.secret) == (0, "")
        wire.send(search_for_good(700))
        is_good(wire, 700)
    # Where it was asked nobody is any more.
    assert door.connections_at_slapd() == 2


def test_nobody_minds_that_something_is_abandoned_that_never_was(door, entrant):
    with door.wire() as wire:
        assert wire.bind(entrant.dn, entrant.secret) == (0, "")
        wire.send(ber.abandon(wire.next(), 12345))
        assert wire.who_am_i() == f"dn:{entrant.dn}"
