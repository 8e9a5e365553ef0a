"""What holds for the decoder and the encoder of requests together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocols.dialogue import ProtocolError
from protocols.ldap.encoding import encode
from protocols.ldap.objections import NotUnderstood
from tests.protocols.ldap.asn1 import read_by_ldap3, requests
from tests.protocols.ldap.nesting import constructed, widened, with_more
from tests.protocols.ldap.notation import request

BEHIND = bytes.fromhex("a003300101")
MORE = [b"\4\0", b"\5\0", b"\x30\0", b"\x31\0", b"\1\1\xff", b"\xa0\0", BEHIND, b"\0\0"]


@settings(max_examples=200)
@given(requests)
def test_what_is_written_is_read_again_as_the_same(one):
    assert request(encode(one)) == one


@settings(max_examples=200)
@given(requests, st.integers(3, 4))
def test_however_it_was_written_the_same_is_written_of_it(one, width):
    assert request(widened(encode(one), width)) == one


@settings(max_examples=200)
@given(requests, st.integers(3, 4))
def test_ldap3_reads_the_same_in_what_came_and_in_what_is_written(one, width):
    came = widened(encode(one), width)
    assert read_by_ldap3(encode(request(came))) == read_by_ldap3(came)


@settings(max_examples=200)
@given(requests, st.data(), st.sampled_from(MORE))
def test_ldap_29_what_stands_behind_a_last_field_is_refused_or_was_understood(one, data, more):
    """At whatever depth: nothing is ever written that isn't in the value that was judged."""
    octets = encode(one)
    which = data.draw(st.integers(0, constructed(octets, 0, len(octets)) - 1))
    try:
        read = request(with_more(octets, which, more))
    except (ProtocolError, NotUnderstood):
        return
    written = encode(read)
    assert request(written) == read
    assert read_by_ldap3(written) == read_by_ldap3(with_more(octets, which, more))


@settings(max_examples=200)
@given(requests, st.integers(0, 10_000), st.integers(0, 255))
def test_ldap_29_any_octet_may_be_another(one, at, octet):
    octets = bytearray(encode(one))
    octets[at % len(octets)] = octet
    try:
        read = request(bytes(octets))
    except (KeyError, ProtocolError, NotUnderstood):
        return
    assert request(encode(read)) == read


@pytest.mark.parametrize("octets", ["300602010142014d", "30060201016e0400"])
def test_what_is_no_request_is_none(octets):
    with pytest.raises((KeyError, ProtocolError)):
        request(bytes.fromhex(octets))
