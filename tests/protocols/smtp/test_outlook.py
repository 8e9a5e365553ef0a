"""Outlook's habits on submission."""

import pytest

from tests.protocols.smtp.fronts import CLEAR, SECURE, WRONG, over_tls, with_starttls

BY_PROMPTS = """
C: AUTH LOGIN
S: 334 VXNlcm5hbWU6
C: YWxpY2VAZXhhbXBsZS50ZXN0
S: 334 UGFzc3dvcmQ6
C: YWJjZGVmZ2hpamtsbW5vcA==
"""


@pytest.mark.parametrize("name", ["XC-B8C463", "Pawan_Dev.vxcountry.example", "DESKTOP-7.corp", ""])
def test_outlook_logs_in_by_prompts_whatever_its_windows_is_called(name):
    called = f" from {name}" if name else ""
    over_tls(
        f"C: EHLO {name}"
        + SECURE
        + BY_PROMPTS
        + f"""
        login alice@example.test abcdefghijklmnop{called} -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_outlook_express_finds_its_line_with_the_equals_sign():
    """It reads `AUTH=` alone, and LOGIN has to be the first that it reads there."""
    assert SECURE.rstrip().endswith("S: 250 AUTH=LOGIN PLAIN")
    over_tls("C: EHLO winxp" + SECURE)


def test_outlook_with_spa_ticked_tries_ntlm_alone_and_fails_clearly():
    over_tls(
        """
        C: AUTH NTLM
        S: 504 5.5.4 The mechanisms offered are PLAIN and LOGIN
        C: AUTH NTLM TlRMTVNTUAABAAAAB4IIAAAAAAAAAAAAAAAAAAAAAAA=
        S: 504 5.5.4 The mechanisms offered are PLAIN and LOGIN
        C: QUIT
        S: 221 2.0.0 Goodbye
        closed
        """
    )


def test_outlook_mobile_starts_tls_a_second_time_inside_tls_and_still_logs_in():
    second = """
    C: STARTTLS
    S: 503 5.5.1 TLS is already on
    """
    login = (
        BY_PROMPTS
        + """
        login alice@example.test abcdefghijklmnop from outlook.ios -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )
    over_tls("C: EHLO outlook.ios" + SECURE + second + login)
    with_starttls(
        "C: EHLO outlook.ios"
        + CLEAR
        + "C: STARTTLS\nS: 220 2.0.0 Ready to start TLS\ntls\n"
        + "C: EHLO outlook.ios"
        + SECURE
        + second
        + login
    )


def test_outlook_synchronised_by_the_cloud_sends_the_user_name_with_auth_login():
    over_tls(
        """
        C: AUTH LOGIN YWxpY2VAZXhhbXBsZS50ZXN0
        S: 334 UGFzc3dvcmQ6
        C: YWJjZGVmZ2hpamtsbW5vcA==
        login alice@example.test abcdefghijklmnop -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_outlook_asks_for_the_password_again_on_the_same_connection():
    over_tls(
        BY_PROMPTS
        + f"""
        login alice@example.test abcdefghijklmnop -> rejected {WRONG}
        S: 535 5.7.8 {WRONG}
        """
        + BY_PROMPTS
        + """
        login alice@example.test abcdefghijklmnop -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_outlook_365_writes_a_space_before_the_senders_address():
    """Before the login it is refused as any other; after it the backend reads it."""
    over_tls(
        r"""
        C: MAIL FROM: <alice@example.test>
        S: 530 5.7.0 Authentication required: log in first
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        C: MAIL FROM: <alice@example.test>
        login alice secret -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay: MAIL FROM: <alice@example.test>\r\n
        """
    )
