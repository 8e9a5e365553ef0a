"""How we log in at a backend, by what it offers."""

import pytest

from protocols import imap
from protocols.dialogue import Credentials
from tests.protocols.imap.backs import CLIENT, MASTER, logging_in
from tests.protocols.play import play


def test_capabilities_in_the_greeting_are_not_asked_again():
    logging_in(
        """
        S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] Dovecot ready.
        C: w1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
        S: w1 OK [CAPABILITY IMAP4rev1 IDLE] Logged in
        -> accepted [CAPABILITY IMAP4rev1 IDLE] Logged in
        relay
        """
    )


def test_a_greeting_without_capabilities_is_followed_by_the_question():
    logging_in(
        """
        S: * OK The Microsoft Exchange IMAP4 service is ready.
        C: w1 CAPABILITY
        S: * CAPABILITY IMAP4 IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS
        S: w1 OK CAPABILITY completed.
        C: w2 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
        S: w2 OK AUTHENTICATE completed.
        -> accepted AUTHENTICATE completed.
        relay
        """
    )


def test_capabilities_are_read_whatever_their_case():
    logging_in(
        """
        S: * ok [capability imap4rev1 sasl-ir auth=plain]
        C: w1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
        S: w1 ok [capability imap4rev1 idle] in
        -> accepted [capability imap4rev1 idle] in
        relay
        """
    )


@pytest.mark.parametrize(
    "greeting",
    [
        "* OK",
        "* OK ready",
        "* OK [ALERT] [CAPABILITY AUTH=PLAIN] ready",
        "* OK ready [CAPABILITY AUTH=PLAIN]",
        "* OK [CAPABILITY] ready",
        "* OK [CAPABILITY AUTH=PLAIN",
    ],
)
def test_only_a_code_at_its_place_tells_capabilities(greeting):
    logging_in(
        f"""
        S: {greeting}
        C: w1 CAPABILITY
        """
    )


def test_starttls_and_then_the_capabilities_are_asked_again():
    logging_in(
        """
        S: * OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN] ready
        C: w1 STARTTLS
        S: w1 OK Begin TLS
        tls
        C: w2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN
        S: w2 OK done
        C: w3 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
        S: w3 OK in
        -> accepted in
        relay
        """,
        starttls=True,
    )


def test_without_sasl_ir_the_response_waits_for_the_challenge():
    logging_in(
        r"""
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
        C: w1 AUTHENTICATE PLAIN
        S: +\x20
        C: AGFsaWNlAHNlY3JldA==
        S: w1 OK in
        -> accepted in
        relay
        """
    )


def test_a_challenge_without_its_space_is_understood():
    """Twisted's server sends it so."""
    logging_in(
        """
        S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready
        C: w1 AUTHENTICATE PLAIN
        S: +
        C: AGFsaWNlAHNlY3JldA==
        S: w1 OK in
        -> accepted in
        relay
        """
    )


def test_id_and_authenticate_go_in_one_packet():
    logging_in(
        """
        S: * OK [CAPABILITY IMAP4rev1 SASL-IR ID AUTH=PLAIN] ready
        C: w1 ID ("x-originating-ip" "192.0.2.7" "x-originating-port" "49152")
        C: w2 AUTHENTICATE PLAIN YWxpY2UAbWFzdGVyAHNlY3JldA==
        S: * ID NIL
        S: w1 OK ID completed
        S: w2 OK in
        -> accepted in
        relay
        """,
        MASTER,
        client=CLIENT,
    )


def test_what_the_backend_thinks_of_the_id_does_not_matter():
    logging_in(
        r"""
        S: * OK [CAPABILITY IMAP4rev1 ID AUTH=PLAIN] ready
        C: w1 ID ("x-originating-ip" "192.0.2.7" "x-originating-port" "49152")
        C: w2 AUTHENTICATE PLAIN
        S: w1 BAD What?
        S: +\x20
        C: AGFsaWNlAHNlY3JldA==
        S: w2 OK in
        -> accepted in
        relay
        """,
        client=CLIENT,
    )


def test_id_goes_before_login_too():
    logging_in(
        """
        S: * OK [CAPABILITY IMAP4rev1 ID] ready
        C: w1 ID ("x-originating-ip" "192.0.2.7" "x-originating-port" "49152")
        C: w2 LOGIN "alice" "secret"
        S: * ID ("name" "Cyrus")
        S: w1 OK done
        S: w2 OK in
        -> accepted in
        relay
        """,
        client=CLIENT,
    )


def test_a_backend_without_id_is_not_told():
    logging_in(
        """
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: w1 LOGIN "alice" "secret"
        S: w1 OK in
        -> accepted in
        relay
        """,
        client=CLIENT,
    )


@pytest.mark.parametrize(
    ("username", "password", "command"),
    [
        (b"alice", b"secret", 'LOGIN "alice" "secret"'),
        (b"alice", b"", 'LOGIN "alice" ""'),
        (b'a"b\\c{3}', b"a b", r'LOGIN "a\\"b\\\\c{3}" "a b"'),
        (b"CORP\\user", b"{5}", r'LOGIN "CORP\\\\user" "{5}"'),
    ],
)
def test_imap_07_without_auth_plain_login_is_quoted(username, password, command):
    logging_in(
        rf"""
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: w1 {command}
        S: w1 OK in
        -> accepted in
        relay
        """,
        Credentials(username, password),
    )


def test_what_a_quoted_string_cannot_carry_goes_as_a_literal():
    logging_in(
        r"""
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: w1 LOGIN {6}
        S: + go ahead
        C: al\xc3\xafce {3}
        S: +
        C: \x01\"\xff
        S: w1 OK in
        -> accepted in
        relay
        """,
        Credentials("alïce".encode(), b'\x01"\xff'),
    )


def test_a_quoted_string_may_follow_a_literal_and_a_literal_a_quoted_string():
    logging_in(
        r"""
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: w1 LOGIN {1}
        S: + OK
        C: \xff "secret"
        S: w1 OK in
        -> accepted in
        relay
        """,
        Credentials(b"\xff", b"secret"),
    )
    logging_in(
        r"""
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: w1 LOGIN "alice" {1}
        S: + OK
        C: \xff
        S: w1 OK in
        -> accepted in
        relay
        """,
        Credentials(b"alice", b"\xff"),
    )


def test_a_refused_literal_is_a_refused_login():
    logging_in(
        r"""
        S: * OK [CAPABILITY IMAP4rev1] ready
        C: w1 LOGIN {1}
        S: w1 BAD No literals here
        -> unavailable BAD No literals here
        relay
        """,
        Credentials(b"\xff", b"secret"),
    )


def test_acting_for_another_user_needs_auth_plain():
    logging_in(
        """
        S: * OK [CAPABILITY IMAP4rev1 AUTH=LOGIN] ready
        error: the backend offers no AUTH=PLAIN
        """,
        MASTER,
    )


def test_logindisabled_is_obeyed():
    logging_in(
        """
        S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready
        error: the backend offers no AUTH=PLAIN
        """
    )


def test_logindisabled_beside_auth_plain_is_no_matter():
    logging_in(
        """
        S: * OK [CAPABILITY IMAP4rev1 SASL-IR LOGINDISABLED AUTH=PLAIN] ready
        C: w1 AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
        """
    )


def test_a_backend_that_tells_no_capabilities_gets_a_login():
    logging_in(
        """
        S: * OK ready
        C: w1 CAPABILITY
        S: w1 BAD What?
        C: w2 LOGIN "alice" "secret"
        S: w2 OK in
        -> accepted in
        relay
        """
    )


def test_what_a_backend_offers_before_a_login_can_be_asked():
    play(
        lambda: imap.probe(starttls=True),
        """
        S: * OK ready
        C: w1 STARTTLS
        S: w1 OK Begin
        tls
        C: w2 CAPABILITY
        S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
        S: w2 OK done
        C: w3 LOGOUT
        offers: IMAP4rev1|AUTH=PLAIN
        """,
        ours="C",
    )
