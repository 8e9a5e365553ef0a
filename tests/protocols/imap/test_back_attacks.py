"""A backend, or somebody in its place, that says what it shouldn't."""

import pytest

from protocols.dialogue import Credentials
from tests.protocols.imap.backs import CLIENT, GREETED, WAITING, logging_in
from tests.protocols.play import whole


@pytest.mark.parametrize("literal", ["{65537}", "{400000000}", "{99999999999999999999}"])
def test_a_huge_literal_ends_it(literal):
    logging_in(
        GREETED
        + f"""
S: * ID ({literal}
error: the backend sent a response that is too long
"""
    )


@pytest.mark.parametrize("piece", [r" {0}\r\n", r"{0}\r\n", r"{1000}\r\n" + "x" * 1000])
def test_literals_without_an_end_end_it(piece):
    logging_in(
        GREETED
        + f"""
S(raw): * X {(piece * 22000)[:160_000]}
error: the backend sent a response that is too long
""",
        cuts=(whole,),
    )


def test_a_line_without_end_ends_it():
    logging_in(GREETED + f"S(raw): * {'x' * 16400}\nerror: line too long", cuts=(whole,))


def test_untagged_responses_without_end_end_it():
    logging_in(
        GREETED + "S: * 1 EXISTS\n" * 100 + "error: the backend talks without an end",
    )


@pytest.mark.parametrize(
    "greeting", ["* PREAUTH Welcome", "* BYE Too busy", "* NO", "+ OK", "w1 OK", "220 ESMTP", "*OK", "* OKAY"]
)
def test_stls_09_a_greeting_that_is_not_ok_ends_it(greeting):
    for starttls in (False, True):
        logging_in(
            f"""
            S: {greeting}
            error: the backend didn't greet with OK
            """,
            starttls=starttls,
        )


@pytest.mark.parametrize("bye", ["* BYE Shutting down", "* bye", "* BYE"])
def test_bye_ends_it(bye):
    logging_in(
        GREETED
        + f"""
S: {bye}
error: the backend said goodbye
"""
    )


@pytest.mark.parametrize(
    "foreign", ["w2 OK", "w0 OK", "b OK", "OK", "W1 OK", "", " w1 OK", "** OK", "235 2.7.0 ok"]
)
def test_imap_09_only_our_own_tag_answers_the_login(foreign):
    logging_in(
        GREETED
        + f"""
S: {foreign}
error: the backend answered a command that was never sent
"""
    )


def test_imap_09_an_untagged_ok_is_no_answer():
    logging_in(
        GREETED
        + """
S: * OK Logged in
S: w1 NO Wrong
-> rejected Wrong
relay
"""
    )


def test_imap_09_the_answer_to_the_id_is_not_the_answer_to_the_login():
    logging_in(
        """
S: * OK [CAPABILITY IMAP4rev1 SASL-IR ID AUTH=PLAIN] ready
C: w1 ID ("x-originating-ip" "192.0.2.7" "x-originating-port" "49152")
C: w2 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
S: w1 OK Logged in
S: w2 NO Wrong
-> rejected Wrong
relay
""",
        client=CLIENT,
    )


def test_imap_09_a_second_challenge_is_cancelled():
    logging_in(
        WAITING
        + r"""
S: +\x20
C: AGFsaWNlAHNlY3JldA==
S: + c29ycnk=
C: *
S: w1 NO Wrong
-> rejected Wrong
relay
"""
    )
    logging_in(
        GREETED
        + r"""
S: +\x20
C: *
S: w1 BAD Cancelled
-> unavailable BAD Cancelled
relay
"""
    )


def test_imap_09_challenges_without_end_end_it():
    logging_in(GREETED + "S: +\nC: *\n" * 100 + "error: the backend talks without an end")


def test_imap_09_an_ok_before_the_password_was_sent_is_no_login():
    logging_in(
        WAITING
        + """
S: w1 OK Logged in
error: the backend said OK before it had the credentials
"""
    )


def test_imap_09_nor_is_an_ok_in_the_middle_of_the_literals():
    logging_in(
        r"""
S: * OK [CAPABILITY IMAP4rev1] ready
C: w1 LOGIN {1}
S: + go ahead
C: \xff {1}
S: w1 OK Logged in
error: the backend said OK before it had the credentials
""",
        Credentials(b"\xff", b"\xff"),
    )


def test_a_no_before_the_password_was_sent_is_a_no():
    logging_in(
        WAITING
        + """
S: w1 NO [UNAVAILABLE] Later
-> unavailable NO [UNAVAILABLE] Later
relay
"""
    )


@pytest.mark.parametrize(
    "before", ["", "S: * OK", 'S: * OK [CAPABILITY IMAP4rev1] ready\nC: w1 LOGIN "alice" "secret"']
)
def test_a_backend_that_just_leaves_is_the_end_of_the_stream(before):
    going_on = "\nC: w1 CAPABILITY" if before == "S: * OK" else ""
    logging_in(f"{before}{going_on}\nend\nend of stream")


@pytest.mark.parametrize(
    "before",
    [
        "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] ready\nS: w1 OK in",
        "S: * OK ready\nS: w1 OK done\nS: w2 OK in",
        "S: * OK ready\nC: w1 CAPABILITY\nS: * CAPABILITY IMAP4rev1\nS: w1 OK done\nS: w2 OK in",
        WAITING + "S: +\nS: w1 OK in",
    ],
)
def test_back_01_a_yes_that_came_before_the_question_is_none(before):
    logging_in(f"{before}\nerror: the backend answered before it was asked")


@pytest.mark.parametrize("answer", ["w2 BAD What?", "w2 NO", "w2 OK"])
def test_back_01_nor_is_a_no_to_going_back_that_nobody_asked_for_yet(answer):
    problem = "the backend answered a command that was never sent"
    logging_in(f"{GREETED}S: w1 OK in\nS: {answer}\nerror: {problem}", cuts=(whole,))


# STARTTLS


def test_stls_07_an_answer_injected_behind_the_go_ahead_ends_it():
    logging_in(
        """
        S: * OK ready
        C: w1 STARTTLS
        S: w1 OK Begin TLS
        S: w2 OK Logged in
        error: bytes in clear after STARTTLS
        """,
        starttls=True,
        cuts=(whole,),
    )


def test_stls_07_also_when_all_of_it_is_sent_with_the_greeting():
    logging_in(
        """
        S: * OK ready
        S: w1 OK Begin TLS
        S: * CAPABILITY AUTH=PLAIN
        error: the backend answered before it was asked
        """,
        starttls=True,
    )


@pytest.mark.parametrize("answer", ["w1 BAD What?", "w1 NO Not now", "w1 PREAUTH", "w1"])
@pytest.mark.parametrize("greeting", ["* OK ready", "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready"])
def test_stls_08_without_tls_no_credentials_are_sent(greeting, answer):
    logging_in(
        f"""
        S: {greeting}
        C: w1 STARTTLS
        S: {answer}
        error: the backend refused STARTTLS
        """,
        starttls=True,
    )


def test_stls_12_capabilities_in_clear_are_forgotten():
    logging_in(
        """
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR ID] ready
        C: w1 STARTTLS
        S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
        S: w1 OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR ID] Begin
        tls
        C: w2 CAPABILITY
        S: * CAPABILITY IMAP4rev1
        S: w2 OK done
        C: w3 LOGIN "alice" "secret"
        S: w3 OK in
        -> accepted in
        relay
        """,
        starttls=True,
        client=CLIENT,
    )


BACK_TO_BEFORE = [
    "S: w1 OK [CAPABILITY IMAP4rev1 UNAUTHENTICATE] in",
    "S: * CAPABILITY IMAP4rev1 Unauthenticate\nS: w1 OK in",
]


@pytest.mark.parametrize("answer", BACK_TO_BEFORE)
def test_a_backend_that_takes_unauthenticate_is_refused(answer):
    """A user who is in could log in as somebody else (RFC 8437), where the gatekeeper isn't asked."""
    problem = "the backend would take UNAUTHENTICATE from this user, and then another login; forbid it there"
    logging_in(f"{GREETED}{answer}\nerror: {problem}, or list it in trusted_commands")


@pytest.mark.parametrize("answer", ["OK", "OK Unauthenticated", "PREAUTH", "BYE", ""])
def test_back_04_one_that_takes_it_without_offering_it_is_refused(answer):
    problem = "the backend would take UNAUTHENTICATE from this user, and then another login; forbid it there"
    logging_in(
        f"{GREETED}S: w1 OK in\nC: w2 UNAUTHENTICATE\nS: w2 {answer}\n"
        f"error: {problem}, or list it in trusted_commands"
    )


@pytest.mark.parametrize("answer", ["BAD Unknown command", "NO", "bad"])
def test_back_04_one_that_refuses_it_is_used(answer):
    logging_in(f"{GREETED}S: w1 OK in\nC: w2 UNAUTHENTICATE\nS: w2 {answer}\n-> accepted in\nrelay")


def test_back_04_one_that_tells_of_it_meanwhile_is_refused():
    problem = "the backend would take UNAUTHENTICATE from this user, and then another login; forbid it there"
    logging_in(
        f"{GREETED}S: w1 OK in\nC: w2 UNAUTHENTICATE\nS: * CAPABILITY UNAUTHENTICATE\nS: w2 NO\n"
        f"error: {problem}, or list it in trusted_commands"
    )


def test_pipe_07_what_the_backend_tells_the_user_meanwhile_is_not_lost():
    logging_in(
        GREETED
        + r"""
S: w1 OK in
S: * OK [ALERT] The disk is full
C: w2 UNAUTHENTICATE
S: * OK {3}
S: a]b more
S: w2 BAD Unknown command
S: * 3 EXISTS
-> accepted in
relay: * OK [ALERT] The disk is full\r\n* OK {3}\r\na]b more\r\n* 3 EXISTS\r\n
"""
    )


def test_what_it_tells_without_end_ends_it():
    said = "S: * OK " + "x" * 6000 + "\n"
    logging_in(
        f"{GREETED}S: w1 OK in\nC: w2 UNAUTHENTICATE\n{said * 11}error: the backend talks without an end",
        cuts=(whole,),
    )


@pytest.mark.parametrize("foreign", ["w1 BAD", "w3 BAD", "+", "BAD", ""])
def test_back_04_only_our_own_tag_answers_it(foreign):
    logging_in(
        f"{GREETED}S: w1 OK in\nC: w2 UNAUTHENTICATE\nS: {foreign}\n"
        "error: the backend answered a command that was never sent"
    )


def test_it_is_used_where_the_configuration_says_that_this_is_meant():
    text = "[CAPABILITY IMAP4rev1 UNAUTHENTICATE] in"
    logging_in(f"{GREETED}S: w1 OK {text}\n-> accepted {text}\nrelay", trusted=frozenset({b"UNAUTHENTICATE"}))
