"""What is asked of a directory before anybody logs in: what it says of itself."""

import pytest

from protocols import ldap
from tests.protocols.ldap.backs import START_TLS, probing
from tests.protocols.talk import talk

ASKED = 'C: search 1 "" base (objectClass=*) * +\n'
LEARNED = """
S: entry 1 "" namingContexts=dc=test supportedExtension=1.2 supportedExtension=1.3 vendorName
S: search-done 1 0
C: unbind 2
offers: namingContexts=dc=test|supportedExtension=1.2,1.3|vendorName=
"""
NOT_UNDERSTOOD = {
    "search-done 2 0": "the directory answered something else than what was asked",
    'entry 2 "" vendorName=x': "the directory answered something else than what was asked",
    "bind-response 1 0": "the directory answered something else than what was asked",
    "reference 1 ldap://elsewhere.test/": "the directory answered something else than what was asked",
    "notice 52 Bye": "the directory disconnects",
    'entry 0 "" vendorName=x': "the directory disconnects",
}


def test_the_attributes_are_learned_as_they_are_encoded():
    probing(ASKED + LEARNED)


def test_behind_starttls():
    probing(
        START_TLS
        + """
        C: search 2 "" base (objectClass=*) * +
        S: entry 2 "" vendorName=x
        S: search-done 2 0
        C: unbind 3
        offers: vendorName=x
        """,
        starttls=True,
    )


@pytest.mark.parametrize("code", [0, 1, 8, 32, 50])
def test_a_directory_that_shows_nothing_to_strangers_offers_nothing(code):
    probing(
        f"""
        {ASKED}
        S: search-done 1 {code}
        C: unbind 2
        offers: nothing
        """
    )


def test_attributes_may_come_in_several_entries():
    probing(
        f"""
        {ASKED}
        S: entry 1 "" vendorName=x
        S: entry 1 ""
        S: entry 1 "" vendorVersion=y
        S: search-done 1 0
        C: unbind 2
        offers: vendorName=x|vendorVersion=y
        """
    )


@pytest.mark.parametrize(("answer", "text"), NOT_UNDERSTOOD.items())
def test_only_an_answer_to_the_question_teaches_anything(answer, text):
    probing(
        f"""
        {ASKED}
        S: {answer}
        error: {text}
        """
    )


@pytest.mark.parametrize(
    "octets",
    [
        "30 05 02 01 01 64 00",
        "30 09 02 01 01 64 04 04 00 30 02",
        "30 0b 02 01 01 64 06 04 00 30 02 30 00",
        "30 0f 02 01 01 64 0a 04 00 30 06 30 04 04 00 31 05",
        "30 11 02 01 01 64 0c 04 00 30 08 30 06 04 00 31 02 02 00",
    ],
)
def test_an_entry_that_nobody_can_read_teaches_nothing(octets):
    ended = talk(ldap.probe(False), [bytes.fromhex(octets)])
    assert ended.end.startswith("ProtocolError: ")


def test_a_directory_that_never_comes_to_an_end_is_left():
    entries = 'S: entry 1 ""\n' * 1000
    probing(
        f"""
        {ASKED}
        {entries}
        error: the directory answered something else than what was asked
        """
    )


def test_a_directory_that_refuses_starttls_teaches_nothing():
    probing(
        """
        C: extended 1 StartTLS
        S: extended-response 1 2 "No TLS here"
        error: the directory refused StartTLS: it said 2
        """,
        starttls=True,
    )
