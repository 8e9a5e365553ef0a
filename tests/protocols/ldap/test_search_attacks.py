"""Searches that are cut short: whoever looks into one must not look behind its end."""

import pytest

from protocols import ldap
from protocols.terms import FrontTerms
from tests.protocols.talk import talk

NOTICE = b"1.3.6.1.4.1.1466.20036"


@pytest.mark.parametrize(
    "octets",
    [
        "300902010163040400 0a00",  # the scope has no octet
        "30080201016303 04000a",  # nor a length
        "3007020101630204 00",  # there is no scope
        "300a02010163050400 0a0100",  # nothing behind it
        "300b02010163060400 0a020000",  # two octets that are 0
    ],
)
def test_ldap_10_a_search_that_ends_within_its_scope_ends_the_session_and_nothing_else(octets):
    ended = talk(ldap.front(FrontTerms()), [bytes.fromhex(octets)])
    assert ended.end.startswith("ProtocolError: ")
    assert ended.sent.count(NOTICE) == 1
