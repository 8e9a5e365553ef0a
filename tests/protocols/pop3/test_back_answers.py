"""What a backend says to our login, and what we make of it."""

import pytest

from tests.protocols.pop3.backs import BY_USER, GREETED, logging_in

ASKED = [GREETED, BY_USER]
NAMED = BY_USER.rsplit("S: +OK", 1)[0]  # up to where the user has been named


@pytest.mark.parametrize(
    "text",
    [
        " [AUTH] Authentication failed.",
        " [auth] x",
        " [EXPIRED] Too old",
        " Logon failure: unknown user name or bad password.",
        " Sorry [SYS/TEMP]",
        " [SYS/TEMPORARY] x",
        " [SYS] x",
        " [",
        " []",
        " [SYS/TEMP",
        "",
    ],
)
@pytest.mark.parametrize("asked", ASKED)
def test_err_means_rejected(asked, text):
    logging_in(asked + f"S: -ERR{text}\n-> rejected{text}\nrelay")


@pytest.mark.parametrize(
    "text",
    [
        "[SYS/TEMP] Temporary authentication failure.",
        "[sys/temp] x",
        "[SYS/PERM] Broken",
        "[IN-USE] Mailbox is locked",
        "[LOGIN-DELAY] Too often",
        "[LOGIN-DELAY 900] Too often",
        "[SYS/TEMP]",
    ],
)
@pytest.mark.parametrize("asked", ASKED)
def test_err_with_a_code_that_speaks_of_the_backend_is_an_outage(asked, text):
    """RFC 2449, section 8.1, and RFC 3206: it must never look like a wrong password."""
    logging_in(asked + f"S: -ERR {text}\n-> unavailable {text}\nrelay")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("[AUTH] No such user", "rejected"),
        ("No such mailbox", "rejected"),
        ("[SYS/TEMP] Later", "unavailable"),
    ],
)
def test_a_user_that_is_refused_is_judged_and_no_password_is_sent(text, verdict):
    logging_in(f"{NAMED}S: -ERR {text}\n-> {verdict} {text}\nrelay")


@pytest.mark.parametrize(
    "text", ["[AUTH] Plaintext authentication disallowed on non-secure connections.", "No"]
)
def test_user_that_is_refused_where_it_is_not_offered_is_an_outage(text):
    """It is TLS that is wanted, or another mechanism: that says nothing about the user."""
    head = "S: +OK\nC: CAPA\nS: +OK\nS: TOP\nS: SASL\n"
    logging_in(
        f"{head}S: STLS\nS: .\nC: USER alice\nS: -ERR {text}\n"
        "error: the backend offers neither AUTH PLAIN nor USER"
    )
    logging_in(f"{head}S: user\nS: .\nC: USER alice\nS: -ERR {text}\n-> rejected {text}\nrelay")


def test_a_challenge_in_answer_to_user_or_pass_is_an_outage():
    logging_in(NAMED + "S: + go on\n-> unavailable go on\nrelay")
    logging_in(BY_USER + "S: + go on\n-> unavailable go on\nrelay")


@pytest.mark.parametrize("asked", ASKED)
def test_a_welcome_may_be_bare(asked):
    logging_in(asked + "S: +OK\n-> accepted\nrelay")


@pytest.mark.parametrize("asked", ASKED)
def test_pipe_07_what_comes_behind_the_welcome_is_not_lost(asked):
    logging_in(
        asked
        + r"""
S: +OK Logged in.
S: -ERR [SYS/TEMP] Going down
S(raw): +O
-> accepted Logged in.
relay: -ERR [SYS/TEMP] Going down\r\n+O
"""
    )
