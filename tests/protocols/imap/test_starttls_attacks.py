"""Attacks on the front around STARTTLS: what was said in clear must not count afterwards."""

import pytest

from protocols import imap
from protocols.terms import FrontTerms
from tests.protocols.imap.fronts import with_starttls
from tests.protocols.play import whole
from tests.protocols.talk import talk


def test_stls_01_commands_in_one_packet_with_starttls_are_not_run():
    with_starttls(
        """
        C: a STARTTLS
        C: b NOOP
        S: * BYE Bytes in clear after STARTTLS
        error: bytes in clear after STARTTLS
        """,
        cuts=(whole,),
    )


@pytest.mark.parametrize("injected", [b"b NOOP\r\n", b"b LOGIN evil evil\r\n", b"\r", b"\n", b" ", b"\0"])
@pytest.mark.parametrize("command", [b"a STARTTLS\r\n", b"a starttls\n", b"a STARTTLS \r\n"])
def test_stls_05_injected_bytes_are_never_run_wherever_the_stream_is_cut(command, injected):
    stream = command + injected
    for at in range(1, len(stream) + 1):
        ended = talk(
            imap.front(FrontTerms(tls=False, starttls=True)),
            [stream, b"c LOGOUT\r\n"],
            cut=lambda data, at=at: [data[:at], data[at:]],
        )
        assert ended.logins == []
        assert b"b " not in ended.sent
        assert b"OK Logged out" not in ended.sent


def test_stls_05_starttls_as_a_literal_is_no_starttls():
    with_starttls(
        """
        C: a {8}
        S: * BAD A command is a tag, a name and arguments
        C: STARTTLS
        S: * BAD A command is a tag, a name and arguments
        """
    )


@pytest.mark.parametrize(
    "command",
    [
        "LOGIN {5}",
        "LOGIN alice secret",
        r"LOGIN alice {6+}\r\nsecret",
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE LOGIN YWxpY2U=",
    ],
)
def test_stls_11_logins_in_clear_are_refused_without_waiting_for_the_secret(command):
    """Nor are they counted: there is no end after the third."""
    over = f"""
        C: a {command}
        S: a NO [PRIVACYREQUIRED] Start TLS first, then log in
    """
    with_starttls(over * 5)


def test_stls_12_capabilities_change_and_what_was_said_in_clear_is_forgotten():
    with_starttls(
        """
        C: a ID ("name" "evil" "version" "1")
        S: * ID ("name" "Wicketgate")
        S: a OK ID completed
        C: b FROB
        S: b BAD Log in first: this command is unknown before the login
        C: c FROB
        S: c BAD Log in first: this command is unknown before the login
        C: d STARTTLS
        S: d OK Begin TLS negotiation now
        tls
        C: e FROB
        S: e BAD Log in first: this command is unknown before the login
        C: f CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
        S: f OK Capability completed
        C: g LOGIN alice secret
        login alice secret -> accepted Welcome
        S: g OK Welcome
        relay
        """
    )
