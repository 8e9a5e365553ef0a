"""The commands before the login, and what is offered to whom."""

import pytest

from tests.protocols.pop3.fronts import CLEAR, SECURE, TLS, over_tls, with_starttls, without_tls

EARLY = "S: -ERR Log in first: this command is for after the login"
UNKNOWN = "S: -ERR Unknown command. Log in with USER and PASS, or with AUTH"
WELCOME = """
login alice secret -> accepted Welcome
S: +OK Welcome
relay
"""


def test_capa_tells_what_the_backend_offers_and_the_ways_to_log_in():
    over_tls("C: CAPA" + SECURE)
    over_tls("C: capa" + SECURE)


def test_capa_in_clear_offers_stls_and_no_login():
    with_starttls("C: CAPA" + CLEAR)


def test_a_listener_without_tls_offers_the_login_and_no_stls():
    without_tls("C: CAPA" + SECURE)


def test_before_the_backend_was_asked_the_usual_is_offered():
    over_tls(
        """
        C: CAPA
        S: +OK
        S: RESP-CODES
        S: AUTH-RESP-CODE
        S: PIPELINING
        S: TOP
        S: UIDL
        S: USER
        S: SASL PLAIN LOGIN
        S: .
        """,
        offered=(),
    )


@pytest.mark.parametrize(
    "line",
    [
        b"USER",
        b"user",
        b"SASL CRAM-MD5 GSSAPI",
        b"Sasl",
        b"STLS",
        b"stls",
        b"XCLIENT",
        b"IMPLEMENTATION Dovecot 2.4.1 on Linux",
        b"APOP",
        b"RESP-CODES",
        b"AUTH-RESP-CODE",
        b"PIPELINING",
        b"",
        b".",
        b" TOP",
        b"LANG\tx",
        b"LANG\0",
        b"LANG \r-ERR",
        b"LANG \xff",
        b"L\xc3\xa4NG",
        b"X" * 51,
        b"X " + b"y" * 201,
    ],
)
def test_what_is_not_for_clients_or_no_capability_is_not_repeated(line):
    over_tls("C: CAPA" + SECURE, offered=(b"TOP", line, b"UIDL", b"EXPIRE NEVER"))


def test_all_else_is_repeated_as_the_backend_says_it():
    offered = (b"EXPIRE 60 USER", b"LOGIN-DELAY 900", b"UTF8 USER", b"X-ZIMBRA", b"LANG", b"stat-2")
    lines = "\n".join(f"S: {line.decode()}" for line in offered)
    over_tls(
        f"""
        C: CAPA
        S: +OK
        S: RESP-CODES
        S: AUTH-RESP-CODE
        S: PIPELINING
        {lines}
        S: USER
        S: SASL PLAIN LOGIN
        S: .
        """,
        offered=offered,
    )


@pytest.mark.parametrize("command", ["QUIT", "quit", "QUIT now", "Quit "])
@pytest.mark.parametrize("listener", [over_tls, with_starttls, without_tls])
def test_quit_is_answered_and_ends_it(listener, command):
    shown = command.replace("Quit ", r"Quit\x20")
    listener(f"C: {shown}\nS: +OK Goodbye\nclosed")


def test_quit_between_user_and_pass_ends_it_too():
    over_tls("C: USER alice\nS: +OK Now the password\nC: QUIT\nS: +OK Goodbye\nclosed")


def test_good_commands_come_together_and_are_answered_in_order():
    over_tls(
        r"""
        C: AUTH
        C(raw): USER alice\n
        C: QUIT
        C: CAPA
        S: +OK
        S: PLAIN
        S: LOGIN
        S: .
        S: +OK Now the password
        S: +OK Goodbye
        closed
        """
    )


def test_a_client_that_just_leaves_is_the_end_of_the_stream():
    over_tls("end\nend of stream")
    over_tls("C: CAPA" + SECURE + "C(raw): USER al\nend\nend of stream")
    over_tls("C: USER alice\nS: +OK Now the password\nend\nend of stream")
    over_tls("C: AUTH PLAIN\nS: +\\x20\nend\nend of stream")


@pytest.mark.parametrize(
    "command",
    [
        "STAT",
        "LIST",
        "LIST 1",
        "RETR 1",
        "retr 1",
        "DELE 1",
        "NOOP",
        "RSET",
        "TOP 1 0",
        "UIDL",
        "UTF8",
        "LANG *",
    ],
)
def test_a_command_for_later_is_refused_and_the_login_is_still_possible(command):
    over_tls(
        f"""
        C: {command}
        {EARLY}
        C: {command}
        {EARLY}
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        """
        + WELCOME
    )
    with_starttls(f"C: {command}\n{EARLY}")


@pytest.mark.parametrize(
    "command", ["FROB", "HELP", "XTND XMIT", "APOP alice c4c9334bac560ecc979e58001b3e22fb"]
)
@pytest.mark.parametrize("listener", [over_tls, with_starttls, without_tls])
def test_an_unknown_command_is_refused_and_told_how_to_log_in(listener, command):
    listener(f"C: {command}\n{UNKNOWN}")


def test_an_empty_line_is_an_unknown_command():
    over_tls(f"C:\n{UNKNOWN}")


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("USER", "USER takes a user name"),
        (r"USER\x20", "USER takes a user name"),
        ("PASS secret", "USER comes before PASS"),
        ("PASS", "USER comes before PASS"),
        ("AUTH CRAM-MD5", "The mechanisms offered are PLAIN and LOGIN"),
        ("AUTH PLAI", "The mechanisms offered are PLAIN and LOGIN"),
        ("AUTH PLAIN AGFs aWNl", "AUTH takes a mechanism and, if wanted, a response"),
        ("AUTH PLAIN  AGFsaWNl", "AUTH takes a mechanism and, if wanted, a response"),
        ("AUTH PLAIN !", "That is not valid base64"),
        ("AUTH PLAIN *", "The login was cancelled"),
    ],
)
def test_what_a_login_lacks_is_said_and_the_next_may_be_good(said, refusal):
    over_tls(
        f"""
        C: {said}
        S: -ERR {refusal}
        C: USER alice
        S: +OK Now the password
        C: PASS secret
        """
        + WELCOME
    )


def test_bad_commands_are_counted_together_and_the_third_is_the_last():
    over_tls(
        f"""
        C: FROB
        {UNKNOWN}
        C: STAT
        {EARLY}
        C: USER alice
        S: +OK Now the password
        C: AUTH CRAM-MD5
        S: -ERR The mechanisms offered are PLAIN and LOGIN
        S: -ERR Too many bad commands
        closed
        """
    )


def test_stls_inside_tls_and_where_there_is_none_is_refused():
    over_tls("C: STLS\nS: -ERR TLS is already on")
    with_starttls(TLS + "C: STLS\nS: -ERR TLS is already on")
    without_tls("C: STLS\nS: -ERR This listener has no TLS")
