"""Attacks on the front around STARTTLS: what was said in clear must not count afterwards."""

import pytest

from protocols import smtp
from protocols.terms import FrontTerms
from tests.protocols.play import whole
from tests.protocols.smtp.fronts import CLEAR, SECURE, over_tls, with_starttls, without_tls
from tests.protocols.talk import talk

STARTTLS = "C: STARTTLS\nS: 220 2.0.0 Ready to start TLS\ntls\n"
EARLY_IN_CLEAR = "S: 530 5.7.0 Must issue a STARTTLS command first, then log in"


def test_stls_03_commands_in_one_packet_with_starttls_are_not_run():
    with_starttls(
        """
        C: STARTTLS
        C: EHLO evil
        S: 421 4.7.0 Bytes in clear after STARTTLS
        error: bytes in clear after STARTTLS
        """,
        cuts=(whole,),
    )


@pytest.mark.parametrize(
    "injected", [b"EHLO evil\r\n", b"AUTH PLAIN AGV2aWwAZXZpbA==\r\n", b"\r", b"\n", b" ", b"\0"]
)
@pytest.mark.parametrize("command", [b"STARTTLS\r\n", b"starttls\n", b"STARTTLS \r\n"])
def test_stls_05_injected_bytes_are_never_run_wherever_the_stream_is_cut(command, injected):
    stream = command + injected
    for at in range(1, len(stream) + 1):
        ended = talk(
            smtp.front(FrontTerms(tls=False, starttls=True)),
            [stream, b"QUIT\r\n"],
            cut=lambda data, at=at: [data[:at], data[at:]],
        )
        assert ended.logins == []
        assert b"250" not in ended.sent
        assert b"Goodbye" not in ended.sent


@pytest.mark.parametrize("argument", ["now", "AUTH PLAIN", "TLSv1"])
def test_stls_05_starttls_takes_no_argument(argument):
    with_starttls(
        f"""
        C: STARTTLS {argument}
        S: 501 5.5.4 STARTTLS takes no argument
        C: EHLO laptop
        """
        + CLEAR
        + STARTTLS
    )


@pytest.mark.parametrize(
    "command", [r"STARTTLS\r", r"STARTTLS\x00", r"\x00STARTTLS", r"START TLS", "STARTTLSX"]
)
def test_stls_05_what_only_looks_like_starttls_is_none(command):
    with_starttls(
        f"""
        C: {command}
        {EARLY_IN_CLEAR}
        """
    )


@pytest.mark.parametrize(
    "command",
    [
        "AUTH PLAIN AGFsaWNlAHNlY3JldA==",
        "AUTH PLAIN",
        "AUTH LOGIN",
        "AUTH LOGIN YWxpY2U=",
        "auth login =",
        "AUTH NTLM",
        "AUTH",
    ],
)
def test_stls_11_logins_in_clear_are_refused_without_waiting_for_the_secret(command):
    """Nor are they counted as failed logins: there is no end after the third."""
    with_starttls(f"C: {command}\n{EARLY_IN_CLEAR}\n" * 5)


def test_stls_11_a_client_that_goes_on_with_the_secret_is_stopped_and_hears_nothing_of_it():
    with_starttls(
        f"""
        C: AUTH LOGIN
        {EARLY_IN_CLEAR}
        C: YWxpY2U=
        {EARLY_IN_CLEAR}
        C: c2VjcmV0
        {EARLY_IN_CLEAR}
        """
    )


def test_stls_12_the_offer_changes_and_what_was_said_in_clear_is_forgotten():
    """The name, and how much was asked too early or not understood."""
    with_starttls(
        "C: EHLO evil"
        + CLEAR
        + f"C: FROB\n{EARLY_IN_CLEAR}\n" * 2
        + f"C: MAIL FROM:<a@b>\n{EARLY_IN_CLEAR}\n" * 19
        + STARTTLS
        + "C: FROB\nS: 530 5.7.0 Authentication required: log in first\n" * 2
        + "C: MAIL FROM:<a@b>\nS: 530 5.7.0 Authentication required: log in first\n" * 19
        + """
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret -> rejected Wrong
        S: 535 5.7.8 Wrong
        C: EHLO laptop
        """
        + SECURE
        + """
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret from laptop -> accepted
        S: 235 2.7.0 Authentication successful
        relay
        """
    )


def test_starttls_inside_tls_and_where_there_is_none_is_refused():
    over_tls("C: STARTTLS\nS: 503 5.5.1 TLS is already on")
    with_starttls(STARTTLS + "C: STARTTLS\nS: 503 5.5.1 TLS is already on")
    without_tls("C: STARTTLS\nS: 502 5.5.1 This listener has no TLS")
