"""Attacks on the front around STARTTLS: what was said in clear must not count afterwards."""

import pytest

from protocols import sieve
from protocols.terms import FrontTerms
from tests.protocols.play import whole
from tests.protocols.sieve.fronts import SECURE, TLS, with_starttls
from tests.protocols.talk import talk

IN_CLEAR = 'S: NO (ENCRYPT-NEEDED) "Start TLS first, then log in"'
UNKNOWN = 'S: NO "Unknown command, or arguments that it doesn\'t take"'
NO_COMMAND = 'S: NO "A command is a name and arguments: strings or atoms"'


@pytest.mark.parametrize("injected", ["CAPABILITY", "NOOP"])
def test_stls_04_commands_in_one_packet_with_starttls_are_not_run(injected):
    with_starttls(
        f"""
        C: STARTTLS
        C: {injected}
        S: BYE "Bytes in clear after STARTTLS"
        error: bytes in clear after STARTTLS
        """,
        cuts=(whole,),
    )


@pytest.mark.parametrize(
    "injected",
    [
        b'NOOP "evil"\r\n',
        b'AUTHENTICATE "PLAIN" "AGV2aWwAZXZpbA=="\r\n',
        b"\r",
        b"\n",
        b" ",
        b"\0",
        b"{5+}\r\n",
    ],
)
@pytest.mark.parametrize("command", [b"STARTTLS\r\n", b"starttls\n", b"STARTTLS \r\n"])
def test_stls_05_injected_bytes_are_never_run_wherever_the_stream_is_cut(command, injected):
    stream = command + injected
    for at in range(1, len(stream) + 1):
        ended = talk(
            sieve.front(FrontTerms(tls=False, starttls=True)),
            [stream, b"LOGOUT\r\n"],
            cut=lambda data, at=at: [data[:at], data[at:]],
        )
        assert ended.logins == []
        assert b"evil" not in ended.sent
        assert b"Goodbye" not in ended.sent
        assert b"PLAIN" not in ended.sent


@pytest.mark.parametrize(
    "command",
    [r"STARTTLS\r", r"STARTTLS\x00", r"\x00STARTTLS", " STARTTLS", '"STARTTLS"', r"{8+}\r\nSTARTTLS"],
)
def test_stls_05_what_only_looks_like_starttls_is_none(command):
    with_starttls(f"C: {command}\n{NO_COMMAND}")


@pytest.mark.parametrize("command", ["STLS", "STARTTLSX", "STARTTLS now", r"STARTTLS {8+}\r\nSTARTTLS"])
def test_stls_05_nor_is_what_has_another_name_or_an_argument(command):
    with_starttls(f"C: {command}\n{UNKNOWN}")


@pytest.mark.parametrize(
    "command",
    [
        'AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="',
        r'AUTHENTICATE "PLAIN" {20+}\r\nAGFsaWNlAHNlY3JldA==',
        'AUTHENTICATE "PLAIN"',
        'AUTHENTICATE "LOGIN"',
        'authenticate "login" "YWxpY2U="',
        'AUTHENTICATE "NTLM"',
        "AUTHENTICATE",
    ],
)
def test_stls_11_logins_in_clear_are_refused_without_waiting_for_the_secret(command):
    with_starttls(f'C: {command}\n{IN_CLEAR}\nC: NOOP\nS: OK "Done."\nC: {command}\n{IN_CLEAR}')


def test_stls_11_they_count_as_bad_commands_and_not_as_failed_logins():
    terms = FrontTerms(tls=False, starttls=True, failed_logins=1)
    login = b'AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\n'
    ended = talk(sieve.front(terms), [login * 2 + b"STARTTLS\r\n", b"LOGOUT\r\n"])
    assert ended.logins == []
    assert ended.end is None
    assert ended.sent.endswith(b'OK "TLS negotiation successful."\r\nOK "Goodbye."\r\n')


def test_stls_11_a_client_that_goes_on_with_the_secret_is_stopped_and_hears_nothing_of_it():
    with_starttls(
        f"""
        C: AUTHENTICATE "LOGIN"
        {IN_CLEAR}
        C: "YWxpY2U="
        {NO_COMMAND}
        C: "c2VjcmV0"
        {NO_COMMAND}
        S: BYE "Too many bad commands"
        closed
        """
    )


def test_stls_12_capabilities_change_and_what_was_said_in_clear_is_forgotten():
    """How much was not understood is forgotten too."""
    with_starttls(
        f"""
        C: FROB
        {UNKNOWN}
        C: AUTHENTICATE "PLAIN"
        {IN_CLEAR}
        {TLS}
        C: FROB
        {UNKNOWN}
        C: FROB
        {UNKNOWN}
        C: CAPABILITY
        {SECURE}
        S: OK "Capability completed."
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
        login alice secret -> accepted Welcome
        S: OK "Welcome"
        relay
        """
    )
