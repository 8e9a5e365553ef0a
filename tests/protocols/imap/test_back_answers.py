"""What a backend says to our login, and what we make of it."""

import pytest

from tests.protocols.imap.backs import ALICE, CLIENT, GREETED, logging_in


@pytest.mark.parametrize(
    "text",
    [
        "[AUTHENTICATIONFAILED] Authentication failed.",
        "[AUTHORIZATIONFAILED] Not you",
        "[EXPIRED] Too old",
        "[ALERT] Look here",
        "LOGIN failed.",
        "Sorry [UNAVAILABLE]",
        "",
    ],
)
def test_no_means_rejected(text):
    logging_in(
        GREETED
        + f"""
S: w1 NO {text}
-> rejected {text}
relay
"""
    )


@pytest.mark.parametrize(
    "code",
    [
        "UNAVAILABLE",
        "unavailable",
        "SERVERBUG",
        "INUSE",
        "LIMIT",
        "CONTACTADMIN",
        "CORRUPTION",
        "PRIVACYREQUIRED",
        "REFERRAL imap://a@b/",
    ],
)
def test_no_with_a_code_that_speaks_of_the_backend_is_an_outage(code):
    logging_in(
        GREETED
        + f"""
S: w1 NO [{code}] Temporary failure
-> unavailable NO [{code}] Temporary failure
relay
"""
    )


@pytest.mark.parametrize("answer", ["BAD What?", "BAD [AUTHENTICATIONFAILED] x", "FROB x", "BYE x", "OKAY x"])
def test_anything_but_ok_and_no_is_an_outage(answer):
    logging_in(
        GREETED
        + f"""
S: w1 {answer}
-> unavailable {answer}
relay
"""
    )


def test_a_status_in_small_letters_counts():
    logging_in(GREETED + "S: w1 no\n-> rejected\nrelay")


def test_pipe_07_capabilities_before_the_ok_become_its_code():
    logging_in(
        GREETED
        + """
S: * CAPABILITY IMAP4rev1 IDLE NAMESPACE
S: w1 OK Logged in
-> accepted [CAPABILITY IMAP4rev1 IDLE NAMESPACE] Logged in
relay
"""
    )


def test_pipe_07_the_code_of_the_ok_wins():
    logging_in(
        GREETED
        + """
S: * CAPABILITY IMAP4rev1 IDLE
S: w1 OK [CAPABILITY IMAP4rev1 QUOTA] Logged in
-> accepted [CAPABILITY IMAP4rev1 QUOTA] Logged in
relay
"""
    )


def test_pipe_07_capabilities_from_before_the_login_are_not_passed_on():
    logging_in(
        """
S: * OK ready
C: w1 CAPABILITY
S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN STARTTLS
S: w1 OK done
C: w2 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
S: * 1 EXISTS
S: w2 OK Logged in
-> accepted Logged in
relay
"""
    )


def test_pipe_07_what_comes_behind_the_ok_is_not_lost():
    logging_in(
        GREETED
        + r"""
S: w1 OK Logged in
S: * 172 EXISTS
C: w2 UNAUTHENTICATE
S: w2 BAD Unknown command
S(raw): * 1 REC
-> accepted Logged in
relay: * 172 EXISTS\r\n* 1 REC
"""
    )


def test_other_untagged_responses_are_passed_over():
    logging_in(
        GREETED
        + """
S: * OK [ALERT] The disk is nearly full
S: * NO Something
S: * 3 EXISTS
S: *
S: w1 OK in
-> accepted in
relay
"""
    )


def test_literals_in_responses_are_passed_over_and_are_no_responses():
    logging_in(
        r"""
S: * OK [CAPABILITY IMAP4rev1 SASL-IR ID AUTH=PLAIN] ready
C: w1 ID ("x-originating-ip" "192.0.2.7" "x-originating-port" "49152")
C: w2 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
S: * ID ("name" {12}
S: w2 OK evil\r\n "version" {3}
S: 1.0)
S: w1 OK ID completed
S: w2 OK in
-> accepted in
relay
""",
        ALICE,
        client=CLIENT,
    )


def test_a_literal_in_the_ok_is_not_announced_to_the_client():
    logging_in(
        GREETED
        + r"""
S: w1 OK [X {3}
S: abc] Welcome {2}
S: hi
-> accepted [X ] Welcome\x20
relay
"""
    )
