"""The commands before the login, and what is offered to whom."""

import pytest

from tests.protocols.smtp.fronts import CLEAR, SECURE, over_tls, with_starttls, without_tls

EARLY = "S: 530 5.7.0 Authentication required: log in first"
EARLY_IN_CLEAR = "S: 530 5.7.0 Must issue a STARTTLS command first, then log in"


def test_ehlo_tells_what_the_backend_offers_and_both_ways_to_write_auth():
    over_tls("C: EHLO laptop" + SECURE)


def test_ehlo_in_clear_offers_starttls_and_no_login():
    with_starttls("C: EHLO laptop" + CLEAR)


def test_a_listener_without_tls_offers_the_login_and_no_starttls():
    without_tls("C: EHLO laptop" + SECURE)


def test_before_the_backend_was_asked_nothing_but_ours_is_offered():
    over_tls(
        """
        C: EHLO laptop
        S: 250-mail.test
        S: 250-AUTH LOGIN PLAIN
        S: 250 AUTH=LOGIN PLAIN
        """,
        offered=(),
    )
    with_starttls(
        """
        C: EHLO laptop
        S: 250-mail.test
        S: 250 STARTTLS
        """,
        offered=(),
    )


@pytest.mark.parametrize(
    "line",
    [
        b"STARTTLS",
        b"starttls",
        b"AUTH GSSAPI NTLM",
        b"AUTH=LOGIN",
        b"Auth",
        b"XCLIENT NAME ADDR LOGIN",
        b"xclient",
        b"XFORWARD NAME ADDR",
        b"X-ANONYMOUSTLS",
        b"X-EXPS GSSAPI NTLM",
        b"X-EXPS=LOGIN",
        b"PIPECONNECT",
        b"",
        b" SIZE",
        b"-SIZE",
        b"SIZE\t10",
        b"SIZE 10\r250-AUTH CRAM-MD5",
        b"SIZE\0",
        b"M\xc3\xa4IL",
    ],
)
def test_what_is_not_for_clients_or_no_extension_is_not_repeated(line):
    over_tls(
        """
        C: EHLO laptop
        S: 250-mail.test
        S: 250-8BITMIME
        S: 250-DSN
        S: 250-AUTH LOGIN PLAIN
        S: 250 AUTH=LOGIN PLAIN
        """,
        offered=(b"8BITMIME", line, b"DSN"),
    )


def test_all_else_is_repeated_as_the_backend_says_it():
    offered = (b"SIZE", b"SIZE 37748736", b"size=5", b"XAUTHOR a  b", b"BURL imap imap://mail.test", b"2X")
    lines = "\n".join(f"S: 250-{line.decode()}" for line in offered)
    over_tls(
        f"""
        C: EHLO laptop
        S: 250-mail.test
        {lines}
        S: 250-AUTH LOGIN PLAIN
        S: 250 AUTH=LOGIN PLAIN
        """,
        offered=offered,
    )


def test_exchange_keeps_its_own_logins_and_tls_to_itself():
    over_tls(
        """
        C: EHLO laptop
        S: 250-mail.test
        S: 250-SIZE 37748736
        S: 250-PIPELINING
        S: 250-DSN
        S: 250-ENHANCEDSTATUSCODES
        S: 250-8BITMIME
        S: 250-BINARYMIME
        S: 250-CHUNKING
        S: 250-XRDST
        S: 250-AUTH LOGIN PLAIN
        S: 250 AUTH=LOGIN PLAIN
        """,
        offered=tuple(
            b"SIZE 37748736|PIPELINING|DSN|ENHANCEDSTATUSCODES|STARTTLS|X-ANONYMOUSTLS|AUTH NTLM|"
            b"X-EXPS GSSAPI NTLM|8BITMIME|BINARYMIME|CHUNKING|XRDST".split(b"|")
        ),
    )


@pytest.mark.parametrize("command", ["HELO laptop", "helo laptop", "Helo", "HELO [192.0.2.7]", "HELO  x y "])
def test_helo_is_answered_with_one_line(command):
    over_tls(f"C: {command}\nS: 250 mail.test")


@pytest.mark.parametrize("listener", [over_tls, with_starttls, without_tls])
def test_noop_rset_help_and_quit_are_for_everybody(listener):
    listener(
        """
        C: NOOP
        S: 250 2.0.0 Nothing done
        C: noop anything
        S: 250 2.0.0 Nothing done
        C: RSET
        S: 250 2.0.0 Nothing done
        C: HELP
        S: 214 2.0.0 Log in with AUTH PLAIN or AUTH LOGIN; more is available after it
        C: help AUTH
        S: 214 2.0.0 Log in with AUTH PLAIN or AUTH LOGIN; more is available after it
        C: quit
        S: 221 2.0.0 Goodbye
        closed
        """
    )


def test_good_commands_come_together_and_are_answered_in_order():
    over_tls(
        r"""
        C: NOOP
        C(raw): RSET\n
        C: HELO x
        C: QUIT
        C: NOOP
        S: 250 2.0.0 Nothing done
        S: 250 2.0.0 Nothing done
        S: 250 mail.test
        S: 221 2.0.0 Goodbye
        closed
        """
    )


def test_a_client_that_just_leaves_is_the_end_of_the_stream():
    over_tls("end\nend of stream")
    over_tls("C: EHLO laptop" + SECURE + "C(raw): AUTH PL\nend\nend of stream")


@pytest.mark.parametrize(
    "command",
    [
        "MAIL FROM:<alice@example.test>",
        "MAIL FROM: <alice@example.test> SIZE=3",
        "mail from:<>",
        "RCPT TO:<bob@example.test>",
        "DATA",
        "BDAT 0 LAST",
        "EXPN staff",
        "BURL imap://x LAST",
        "SEND FROM:<a@b>",
        "SOML FROM:<a@b>",
        "SAML FROM:<a@b>",
    ],
)
def test_mail_before_the_login_gets_530_and_the_login_is_still_possible(command):
    over_tls(
        f"""
        C: {command}
        {EARLY}
        C: {command}
        {EARLY}
        C: {command}
        {EARLY}
        C: {command}
        {EARLY}
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )
    with_starttls(f"C: {command}\n{EARLY_IN_CLEAR}")


def test_who_asks_too_early_too_often_is_sent_away():
    over_tls(
        f"C: MAIL FROM:<a@b>\n{EARLY}\n" * 20 + "S: 421 4.7.0 Too many bad commands\nclosed",
    )


def test_an_unknown_command_gets_530_too():
    over_tls(rf"""
        C: FROB
        {EARLY}
        C: EHLO\tx
        {EARLY}
        """)
    with_starttls(f"C: FROB\n{EARLY_IN_CLEAR}")


@pytest.mark.parametrize(
    ("argument", "refusal"),
    [
        ("", "501 5.5.4 AUTH takes a mechanism and, if wanted, a response"),
        ("PLAIN AGFs aWNl", "501 5.5.4 AUTH takes a mechanism and, if wanted, a response"),
        ("PLAIN  AGFsaWNlAHNlY3JldA==", "501 5.5.4 AUTH takes a mechanism and, if wanted, a response"),
        ("CRAM-MD5", "504 5.5.4 The mechanisms offered are PLAIN and LOGIN"),
        ("PLAI", "504 5.5.4 The mechanisms offered are PLAIN and LOGIN"),
        (r"PLAIN\x00", "504 5.5.4 The mechanisms offered are PLAIN and LOGIN"),
    ],
)
def test_auth_with_other_arguments_is_refused_and_says_what_is_possible(argument, refusal):
    over_tls(
        f"""
        C: AUTH {argument}
        S: {refusal}
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret -> accepted
        S: 235 2.7.0 Authentication successful
        relay
        """
    )


def test_strange_commands_are_counted_together_and_the_third_is_the_last():
    over_tls(
        f"""
        C: FROB
        {EARLY}
        C: AUTH CRAM-MD5
        S: 504 5.5.4 The mechanisms offered are PLAIN and LOGIN
        C: NOOP
        S: 250 2.0.0 Nothing done
        C: MAIL FROM:<a@b>
        {EARLY}
        C: AUTH PLAIN *
        S: 501 5.5.2 The login was cancelled
        S: 421 4.7.0 Too many bad commands
        closed
        """
    )
