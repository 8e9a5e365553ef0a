"""How we log in at a directory, and what its answers mean."""

import pytest

from protocols.dialogue import Credentials
from tests.protocols.ldap.backs import BIND, START_TLS, logging_in

WRONG = [19, 32, 34, 48, 49, 50, 53]  # what directories say to a user who may not come in
UNDECIDED = [1, 2, 3, 7, 8, 10, 11, 12, 13, 14, 16, 36, 51, 52, 54, 80, 118, 4096]


def test_a_bind_is_sent_and_answered():
    logging_in(
        """
        C: bind 1 uid=fritz,dc=test secret
        S: bind-response 1 0
        -> accepted
        relay
        """
    )


def test_the_directory_s_own_words_are_kept():
    logging_in(
        f"""
        {BIND}
        S: bind-response 1 0 "Your password expires soon"
        -> accepted Your password expires soon
        relay
        """
    )


@pytest.mark.parametrize("name", ["fritz@example.test", "EXAMPLE\\\\fritz", "fr\\xc3\\xaftz", "\\xff", " x"])
@pytest.mark.parametrize("password", ["secret", "a b", "\\x01", "\\xff\\xfe", "x" * 1000])
def test_name_and_password_are_sent_as_they_are(name, password):
    credentials = Credentials(
        *(text.encode().decode("unicode_escape").encode("latin-1") for text in (name, password))
    )
    logging_in(
        f"""
        C: bind 1 "{name}" "{password}"
        S: bind-response 1 0
        -> accepted
        relay
        """,
        credentials,
    )


def test_without_credentials_nothing_is_said():
    logging_in(
        """
        -> accepted
        relay
        """,
        credentials=None,
    )


def test_tls_comes_first():
    logging_in(
        START_TLS
        + """
        C: bind 2 uid=fritz,dc=test secret
        S: bind-response 2 0
        -> accepted
        relay
        """,
        starttls=True,
    )
    logging_in(
        f"""
        {START_TLS}
        -> accepted
        relay
        """,
        credentials=None,
        starttls=True,
    )


def test_a_response_to_starttls_need_not_repeat_its_name():
    """RFC 4511, section 4.12, leaves that to the server."""
    logging_in(
        """
        C: extended 1 StartTLS
        S: extended-response 1 0
        tls
        C: bind 2 uid=fritz,dc=test secret
        """,
        starttls=True,
    )


@pytest.mark.parametrize("code", WRONG)
def test_a_no_is_a_no(code):
    logging_in(
        f"""
        {BIND}
        S: bind-response 1 {code} "Go away"
        -> rejected {code} Go away
        relay
        """
    )


@pytest.mark.parametrize("code", UNDECIDED)
def test_what_is_no_answer_to_who_somebody_is_counts_as_an_outage(code):
    logging_in(
        f"""
        {BIND}
        S: bind-response 1 {code} "Not now"
        -> unavailable {code} Not now
        relay
        """
    )


def test_controls_and_more_in_the_answer_do_no_harm():
    logging_in(
        f"""
        {BIND}
        S: bind-response 1 0 "" @matched=dc=test [1.3.6.1.4.1.42.2.27.8.5.1=x] [1.2.3 critical]
        -> accepted
        relay
        """
    )


def test_lengths_as_windows_writes_them_are_understood():
    logging_in(
        f"""
        {BIND}
        S(hex): 30 84 00 00 00 10 02 01 01 61 84 00 00 00 07 0a 01 00 04 00 04 00
        -> accepted
        relay
        """
    )


def test_what_comes_behind_the_answer_is_left_for_who_reads_on():
    logging_in(
        f"""
        {BIND}
        S: bind-response 1 0
        S(hex): 30 05 aa
        -> accepted
        relay: 0\\x05\\xaa
        """
    )
