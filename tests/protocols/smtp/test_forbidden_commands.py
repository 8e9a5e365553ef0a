"""What a user could become somebody else by is looked for at the login, when nobody is relayed yet."""

import pytest

from tests.protocols.smtp.backs import CLIENT, GREETED, LOGIN, NO_SECOND, logging_in

SECOND_AUTH = (
    "error: the backend would take a second AUTH from this user; forbid it there, or list AUTH in "
    "trusted_commands"
)
ACCEPTED = "-> accepted 2.7.0 in\nrelay"
IN = GREETED + "S: 235 2.7.0 in\nC: AUTH PLAIN\n"


def still_offered(command: str, remedy: str) -> str:
    return (
        f"error: the backend would take {command} from this user; forbid it there for the client's address, "
        f"or {remedy}"
    )


def offering(*lines: str) -> str:
    """An answer to EHLO."""
    *first, last = ("mail.internal", *lines)
    return "C: EHLO [127.0.0.1]\n" + "".join(f"S: 250-{line}\n" for line in first) + f"S: 250 {last}\n"


# A second AUTH


@pytest.mark.parametrize(
    "answer",
    [
        "503 5.5.1 Error: already authenticated",
        "503-5.5.1 Error:\nS: 503 already authenticated",
        "503 5.5.0 Already authenticated",
        "502 5.5.1 Unsupported command",
        "500 5.5.1 Unrecognized command",
    ],
)
def test_sasl_09_a_second_login_that_is_refused_as_the_rfc_says_lets_the_user_in(answer):
    logging_in(IN + f"S: {answer}\n{ACCEPTED}")


def test_sasl_09_a_second_login_that_goes_on_is_cancelled_and_ends_it():
    logging_in(IN + f"S: 334\\x20\nC: *\nS: 501 5.7.0 Authentication aborted\n{SECOND_AUTH}")


def test_sasl_09_whatever_is_said_to_the_cancelling():
    for answer in ("503 5.5.1 no", "235 2.7.0 in", "334 "):
        shown = answer.replace("334 ", r"334\x20")
        logging_in(IN + f"S: 334\\x20\nC: *\nS: {shown}\n{SECOND_AUTH}")


@pytest.mark.parametrize(
    "answer",
    [
        "501 5.5.4 An initial response is required",  # it may be taken with one
        "504 5.5.4 Unrecognized authentication type",  # so may another mechanism
        "535 5.7.8 Authentication failed",  # judged
        "534 5.7.9 Too weak",
        "538 5.7.11 Encryption required",
        "530 5.7.0 Must issue a STARTTLS command first",
        "454 4.7.0 Temporary authentication failure",
        "421 4.7.0 Too many errors",
        "235 2.7.0 in",
        "250 2.0.0 Ok",
    ],
)
def test_sasl_09_an_answer_that_leaves_another_login_possible_ends_it(answer):
    logging_in(IN + f"S: {answer}\n{SECOND_AUTH}")


@pytest.mark.parametrize(
    ("offer", "asked"),
    [
        ("AUTH LOGIN", "LOGIN"),
        ("AUTH LOGIN CRAM-MD5", "LOGIN"),
        ("AUTH LOGIN PLAIN", "PLAIN"),
        ("AUTH NTLM CRAM-MD5", "CRAM-MD5"),
        ("AUTH", "PLAIN"),
    ],
)
def test_sasl_09_the_second_login_is_tried_with_a_mechanism_that_is_there(offer, asked):
    """One that isn't would be refused, and say nothing about the others."""
    logging_in(
        f"""
        S: 220 ready
        C: EHLO laptop
        S: 250-mail.internal
        S: 250 XCLIENT ADDR LOGIN
        C: XCLIENT ADDR=192.0.2.7 LOGIN=alice
        S: 220 ready
        C: EHLO laptop
        S: 250-mail.internal
        S: 250 {offer}
        C: AUTH {asked}
        S: 503 5.5.1 already authenticated
        -> accepted
        relay
        """,
        credentials=None,
        client=CLIENT,
    )


def test_sasl_09_nobody_asks_where_auth_is_not_offered():
    logging_in(
        """
        S: 220 ready
        C: EHLO laptop
        S: 250-mail.internal
        S: 250 XCLIENT ADDR LOGIN
        C: XCLIENT ADDR=192.0.2.7 LOGIN=alice
        S: 220 ready
        C: EHLO laptop
        S: 250 mail.internal
        -> accepted
        relay
        """,
        credentials=None,
        client=CLIENT,
    )


def test_sasl_09_nor_where_it_is_meant():
    logging_in(GREETED + "S: 235 2.7.0 in\n" + ACCEPTED, trusted=[b"AUTH"])


def test_sasl_09_nor_after_a_login_that_failed():
    logging_in(GREETED + "S: 535 5.7.8 No\n-> rejected 535 5.7.8 No\nrelay")
    logging_in(GREETED + "S: 454 4.7.0 Later\n-> unavailable 454 4.7.0 Later\nrelay")


# XCLIENT, XFORWARD and STARTTLS


INTERNAL = [
    ("XCLIENT ADDR PORT", "XCLIENT", "list it in trusted_commands"),
    ("xclient", "XCLIENT", "list it in trusted_commands"),
    ("XFORWARD NAME ADDR", "XFORWARD", "list it in trusted_commands"),
    ("STARTTLS", "STARTTLS", 'set tls = "starttls" for the backend'),
    ("starttls", "STARTTLS", 'set tls = "starttls" for the backend'),
]


@pytest.mark.parametrize(("offer", "command", "remedy"), INTERNAL)
def test_smug_16_a_command_that_is_still_offered_after_the_login_ends_it(offer, command, remedy):
    """Postfix, for one, takes another AUTH after a STARTTLS, also after a login."""
    logging_in(
        f"""
        S: 220 ready
        {offering("AUTH PLAIN", offer)}
        {LOGIN}
        S: 235 2.7.0 in
        {NO_SECOND}
        {offering("AUTH PLAIN", offer)}
        {still_offered(command, remedy)}
        """
    )


@pytest.mark.parametrize(("offer", "command", "remedy"), INTERNAL)
def test_one_that_is_offered_up_to_the_login_alone_is_no_matter(offer, command, remedy):
    """As Dovecot's submission service does."""
    logging_in(
        f"""
        S: 220 ready
        {offering("AUTH PLAIN", offer)}
        {LOGIN}
        S: 235 2.7.0 in
        {NO_SECOND}
        {offering("AUTH", "DSN", "VRFY")}
        {ACCEPTED}
        """
    )


@pytest.mark.parametrize(("offer", "command", "remedy"), INTERNAL)
def test_one_that_is_meant_is_let_through(offer, command, remedy):
    logging_in(
        f"""
        S: 220 ready
        {offering("AUTH PLAIN", offer)}
        {LOGIN}
        S: 235 2.7.0 in
        {NO_SECOND}
        {ACCEPTED}
        """,
        trusted=[command.encode()],
    )


def test_one_that_is_meant_lets_no_other_through():
    logging_in(
        f"""
        S: 220 ready
        {offering("AUTH PLAIN", "XFORWARD ADDR", "XCLIENT PROTO")}
        {LOGIN}
        S: 235 2.7.0 in
        {NO_SECOND}
        {offering("AUTH PLAIN", "XFORWARD ADDR", "XCLIENT PROTO")}
        {still_offered("XFORWARD", "list it in trusted_commands")}
        """,
        trusted=[b"XCLIENT", b"AUTH LOGIN"],
    )


def test_xclient_that_is_still_there_after_xclient_and_the_login_ends_it():
    """As when the client's own address, too, is one that the backend trusts."""
    offer = "S: 250-mail.internal\nS: 250-AUTH PLAIN\nS: 250 XCLIENT ADDR"
    logging_in(
        f"""
        S: 220 ready
        C: EHLO laptop
        {offer}
        C: XCLIENT ADDR=192.0.2.7
        S: 220 ready
        C: EHLO laptop
        {offer}
        {LOGIN}
        S: 235 2.7.0 in
        {NO_SECOND}
        C: EHLO laptop
        {offer}
        {still_offered("XCLIENT", "list it in trusted_commands")}
        """,
        client=CLIENT,
    )


def test_a_login_without_credentials_is_looked_at_in_the_same_way():
    logging_in(
        f"""
        S: 220 ready
        C: EHLO laptop
        S: 250-mail.internal
        S: 250 XCLIENT ADDR LOGIN
        C: XCLIENT ADDR=192.0.2.7 LOGIN=alice
        S: 220 ready
        C: EHLO laptop
        S: 250-mail.internal
        S: 250 XCLIENT ADDR LOGIN
        C: EHLO laptop
        S: 250-mail.internal
        S: 250 XCLIENT ADDR LOGIN
        {still_offered("XCLIENT", "list it in trusted_commands")}
        """,
        credentials=None,
        client=CLIENT,
    )


def test_a_backend_that_takes_no_ehlo_after_the_login_ends_it():
    logging_in(
        f"""
        S: 220 ready
        {offering("AUTH PLAIN", "STARTTLS")}
        {LOGIN}
        S: 235 2.7.0 in
        {NO_SECOND}
        C: EHLO [127.0.0.1]
        S: 503 5.5.1 Again?
        error: the backend refused EHLO: it said 503
        """
    )


def test_inside_tls_starttls_is_offered_no_more_and_nothing_is_asked():
    logging_in(
        f"""
        S: 220 ready
        {offering("STARTTLS")}
        C: STARTTLS
        S: 220 go
        tls
        {offering("AUTH PLAIN")}
        {LOGIN}
        S: 235 2.7.0 in
        {NO_SECOND}
        {ACCEPTED}
        """,
        starttls=True,
    )
