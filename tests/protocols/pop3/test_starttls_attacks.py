"""Attacks on the front around STLS: what was said in clear must not count afterwards."""

import pytest

from protocols import pop3
from protocols.terms import FrontTerms
from tests.protocols.play import whole
from tests.protocols.pop3.fronts import CLEAR, SECURE, TLS, with_starttls
from tests.protocols.talk import talk

IN_CLEAR = "S: -ERR Start TLS first, then log in"
UNKNOWN = "S: -ERR Unknown command. Log in with USER and PASS, or with AUTH"


def test_stls_02_commands_in_one_packet_with_stls_are_not_run():
    with_starttls(
        """
        C: STLS
        C: CAPA
        S: -ERR Bytes in clear after STARTTLS
        error: bytes in clear after STARTTLS
        """,
        cuts=(whole,),
    )


@pytest.mark.parametrize(
    "injected",
    [b"CAPA\r\n", b"USER evil\r\n", b"AUTH PLAIN AGV2aWwAZXZpbA==\r\n", b"\r", b"\n", b" ", b"\0"],
)
@pytest.mark.parametrize("command", [b"STLS\r\n", b"stls\n", b"STLS \r\n"])
def test_stls_05_injected_bytes_are_never_run_wherever_the_stream_is_cut(command, injected):
    stream = command + injected
    for at in range(1, len(stream) + 1):
        ended = talk(
            pop3.front(FrontTerms(tls=False, starttls=True)),
            [stream, b"QUIT\r\n"],
            cut=lambda data, at=at: [data[:at], data[at:]],
        )
        assert ended.logins == []
        assert b"RESP-CODES" not in ended.sent
        assert b"password" not in ended.sent
        assert b"Goodbye" not in ended.sent


@pytest.mark.parametrize("command", [r"STLS\r", r"STLS\x00", r"\x00STLS", "STARTTLS", "STLSX", " STLS"])
def test_stls_05_what_only_looks_like_stls_is_none(command):
    with_starttls(f"C: {command}\n{UNKNOWN}")


@pytest.mark.parametrize("command", ["STLS now", "STLS TLSv1", r"STLS\x20\x20x"])
def test_stls_05_stls_takes_no_argument(command):
    """RFC 2595, section 4."""
    with_starttls(f"C: {command}\nS: -ERR STLS takes no argument\nC: CAPA{CLEAR}{TLS}")


@pytest.mark.parametrize(
    "command",
    [
        "USER alice",
        "USER",
        "PASS secret",
        "AUTH PLAIN AGFsaWNlAHNlY3JldA==",
        "AUTH PLAIN",
        "AUTH LOGIN",
        "auth login YWxpY2U=",
        "AUTH NTLM",
        "AUTH",
    ],
)
def test_stls_11_logins_in_clear_are_refused_without_waiting_for_the_secret(command):
    with_starttls(f"C: {command}\n{IN_CLEAR}\nC: CAPA{CLEAR}C: {command}\n{IN_CLEAR}")


def test_stls_11_they_count_as_bad_commands_and_not_as_failed_logins():
    terms = FrontTerms(tls=False, starttls=True, failed_logins=1)
    ended = talk(pop3.front(terms), [b"USER alice\r\nPASS secret\r\nSTLS\r\n", b"CAPA\r\nQUIT\r\n"])
    assert ended.logins == []
    assert ended.end is None
    assert ended.sent.endswith(b"SASL PLAIN LOGIN\r\n.\r\n+OK Goodbye\r\n")


def test_stls_11_a_client_that_goes_on_with_the_secret_is_stopped_and_hears_nothing_of_it():
    with_starttls(
        f"""
        C: AUTH LOGIN
        {IN_CLEAR}
        C: YWxpY2U=
        {UNKNOWN}
        C: c2VjcmV0
        {UNKNOWN}
        S: -ERR Too many bad commands
        closed
        """
    )


def test_stls_12_capabilities_change_and_what_was_said_in_clear_is_forgotten():
    """How much was not understood is forgotten too."""
    with_starttls(
        f"""
        C: CAPA
        {CLEAR}
        C: FROB
        {UNKNOWN}
        C: USER evil
        {IN_CLEAR}
        {TLS}
        C: FROB
        {UNKNOWN}
        C: PASS secret
        S: -ERR USER comes before PASS
        C: CAPA
        {SECURE}
        C: USER alice
        S: +OK Now the password
        C: PASS secret
        login alice secret -> accepted Welcome
        S: +OK Welcome
        relay
        """
    )
