"""What a backend says to our login, and what we make of it."""

import pytest

from tests.protocols.smtp.backs import GREETED, NO_SECOND, logging_in


@pytest.mark.parametrize(
    "answer",
    [
        "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6",
        "535 5.7.3 Authentication unsuccessful",
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant",
        "535 Incorrect authentication data",
        "535",
        "534 5.7.9 Application-specific password required",
        "525 5.7.13 User account disabled",
        "550 5.7.1 Not you",
        "554 5.7.8 Error: authentication failed",
    ],
)
def test_wrong_credentials_are_rejected(answer):
    logging_in(GREETED + f"S: {answer}\n-> rejected {answer if ' ' in answer else answer + ' '}\nrelay")


@pytest.mark.parametrize(
    "answer",
    [
        "454 4.7.0 Temporary authentication failure",
        "451 4.3.0 Later",
        "432 4.7.12 A password transition is needed",
        "421 4.3.2 Shutting down",
        "530 5.7.0 Must issue a STARTTLS command first",
        "538 5.7.11 Encryption required for requested authentication mechanism",
        "504 5.5.4 Unrecognized authentication type",
        "503 5.5.1 Error: authentication not enabled",
        "502 5.5.1 Not implemented",
        "501 5.5.2 Cannot decode",
        "500 5.5.6 Too long",
        "550 5.1.1 No such user",
        "550 Mailbox unavailable",
        "554 Transaction failed",
        "554 5.5.1 Too many errors",
        "535 4.7.8 Try again",
        "250 2.0.0 Ok",
        "220 ready",
        "354 go ahead",
    ],
)
def test_all_else_is_an_outage(answer):
    """That the backend can't, or doesn't understand us, must never look like a wrong password."""
    logging_in(GREETED + f"S: {answer}\n-> unavailable {answer}\nrelay")


def test_smtp_03_a_refusal_of_several_lines_is_one_and_its_last_line_counts():
    logging_in(
        GREETED
        + """
        S: 535-5.7.8 Username and Password not accepted. For more information, go to
        S: 535 5.7.8 https://support.example.test/?p=BadCredentials
        -> rejected 535 5.7.8 https://support.example.test/?p=BadCredentials
        relay
        """
    )


def test_smtp_03_so_is_a_welcome():
    logging_in(
        GREETED
        + """
        S: 235-2.7.0 Authentication successful
        S: 235-
        S: 235 2.7.0 Welcome
        """
        + NO_SECOND
        + "-> accepted 2.7.0 Welcome\nrelay"
    )


def test_a_welcome_may_be_a_bare_code():
    logging_in(GREETED + "S: 235" + NO_SECOND + "-> accepted\nrelay")


def test_pipe_07_what_comes_behind_the_last_answer_is_not_lost():
    logging_in(
        GREETED
        + r"""
        S: 235 2.7.0 in
        C: AUTH PLAIN
        S: 503 5.5.1 Error: already authenticated
        S: 421 4.3.2 Shutting down
        S(raw): 25
        -> accepted 2.7.0 in
        relay: 421 4.3.2 Shutting down\r\n25
        """
    )


def test_pipe_07_nor_is_what_comes_behind_the_welcome_where_no_question_follows():
    logging_in(
        GREETED
        + r"""
        S: 235 2.7.0 in
        S: 421 4.3.2 Shutting down
        -> accepted 2.7.0 in
        relay: 421 4.3.2 Shutting down\r\n
        """,
        trusted=[b"AUTH"],
    )
