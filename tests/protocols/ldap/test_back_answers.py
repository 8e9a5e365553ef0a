"""A directory that can't be understood: an outage, and never a wrong password."""

import pytest

from tests.protocols.ldap.backs import BIND, START_TLS, logging_in
from tests.protocols.play import whole

NOT_THE_ANSWER = [
    "bind-response 2 0",
    "bind-response 2147483647 0",
    "search-done 1 0",
    "extended-response 1 0",
    "entry 1 uid=fritz,dc=test",
    "intermediate 1 1.2.3",
    "reference 1 ldap://elsewhere.test/",
    "bind 1 uid=fritz,dc=test secret",
]
NO_RESULT = {
    "30 05 02 01 01 61 00": "an element is cut off",
    "30 08 02 01 01 61 03 0a 01 00": "an element is cut off",
    "30 0c 02 01 01 61 07 02 01 00 04 00 04 00": "an element has another tag than it should",
    "30 0b 02 01 01 61 06 0a 00 04 00 04 00": "a number is not one of those allowed",
    "30 0c 02 01 01 61 07 0a 01 ff 04 00 04 00": "a number is not one of those allowed",
    "30 0c 02 01 01 61 07 0a 01 00 04 00 04 01": "an element is longer than what it stands in",
    "30 80 02 01 01 61 07 0a 01 00 04 00 04 00 00 00": "an element has a length that can't be read",
    "30 84 7f ff ff ff": "message too long: 262144 bytes are allowed here",
    "2a 20 4f 4b 0d 0a": "this is not LDAP",
}


@pytest.mark.parametrize("answer", NOT_THE_ANSWER)
def test_only_the_answer_to_what_was_asked_counts(answer):
    logging_in(
        f"""
        {BIND}
        S: {answer}
        error: the directory answered something else than what was asked
        """
    )


@pytest.mark.parametrize("code", [0, 2, 49, 52])
def test_a_notice_of_disconnection_is_no_answer(code):
    logging_in(
        f"""
        {BIND}
        S: notice {code} "Going down"
        error: the directory disconnects
        """
    )


def test_nor_is_a_bind_response_that_nobody_asked_for():
    logging_in(
        f"""
        {BIND}
        S: bind-response 0 0
        error: the directory disconnects
        """
    )


@pytest.mark.parametrize(("octets", "text"), NO_RESULT.items())
def test_what_is_no_result_is_no_yes(octets, text):
    logging_in(
        f"""
        {BIND}
        S(hex): {octets}
        error: {text}
        """,
        cuts=(whole,),
    )


@pytest.mark.parametrize("octets", ["", "S(hex): 30", "S(hex): 30 0c 02 01 01 61 07 0a 01 00 04 00 04"])
def test_a_directory_that_goes_without_a_word(octets):
    logging_in(
        f"""
        {BIND}
        {octets}
        end
        end of stream
        """
    )


@pytest.mark.parametrize("code", [1, 2, 52, 53, 80])
def test_without_tls_that_was_asked_for_nothing_more_is_said(code):
    logging_in(
        f"""
        C: extended 1 StartTLS
        S: extended-response 1 {code} "No TLS here"
        error: the directory refused StartTLS: it said {code}
        """,
        starttls=True,
    )


@pytest.mark.parametrize("answer", ["bind-response 1 0", "extended-response 2 0", "search-done 1 0"])
def test_only_the_answer_to_starttls_starts_tls(answer):
    logging_in(
        f"""
        C: extended 1 StartTLS
        S: {answer}
        error: the directory answered something else than what was asked
        """,
        starttls=True,
    )


def test_the_answer_in_tls_has_to_be_the_second_one():
    logging_in(
        START_TLS
        + """
        C: bind 2 uid=fritz,dc=test secret
        S: bind-response 1 0
        error: the directory answered something else than what was asked
        """,
        starttls=True,
    )
