"""Outlook's habits on POP3."""

import pytest

from tests.protocols.pop3.fronts import CLEAR, SECURE, TLS, WRONG, over_tls, with_starttls, without_tls

QUIT = "C: QUIT\nS: +OK Goodbye\nclosed\n"
WELCOME = "S: +OK Welcome\nrelay"


@pytest.mark.parametrize("listener", [over_tls, without_tls])
@pytest.mark.parametrize("command", ["AUTH", r"AUTH\x20", "auth"])
def test_outlook_asks_for_the_mechanisms_with_auth_alone_and_a_space_behind_it(listener, command):
    """It expects `+OK`, a mechanism on each line, and a dot."""
    listener(
        f"""
        C: {command}
        S: +OK
        S: PLAIN
        S: LOGIN
        S: .
        C: USER alice@example.test
        S: +OK Now the password
        C: PASS abcdefghijklmnop
        login alice@example.test abcdefghijklmnop -> accepted Welcome
        """
        + WELCOME
    )


def test_outlook_with_spa_ticked_tries_ntlm_alone_and_fails_clearly():
    over_tls(
        """
        C: AUTH NTLM
        S: -ERR The mechanisms offered are PLAIN and LOGIN
        C: AUTH NTLM TlRMTVNTUAABAAAAB4IIAAAAAAAAAAAAAAAAAAAAAAA=
        S: -ERR The mechanisms offered are PLAIN and LOGIN
        """
        + QUIT
    )


def test_outlook_mobile_starts_tls_a_second_time_inside_tls_and_still_logs_in():
    second = """
    C: STLS
    S: -ERR TLS is already on
    C: USER alice
    S: +OK Now the password
    C: PASS secret
    login alice secret -> accepted Welcome
    """
    over_tls("C: CAPA" + SECURE + second + WELCOME)
    with_starttls("C: CAPA" + CLEAR + TLS + "C: CAPA" + SECURE + second + WELCOME)


def test_outlook_synchronised_by_the_cloud_sends_the_user_name_with_auth_login():
    over_tls(
        """
        C: AUTH LOGIN YWxpY2VAZXhhbXBsZS50ZXN0
        S: + UGFzc3dvcmQ6
        C: YWJjZGVmZ2hpamtsbW5vcA==
        login alice@example.test abcdefghijklmnop -> accepted Welcome
        """
        + WELCOME
    )


def test_outlook_asks_for_the_password_again_on_the_same_connection():
    over_tls(
        f"""
        C: USER alice
        S: +OK Now the password
        C: PASS old
        login alice old -> rejected {WRONG}
        S: -ERR [AUTH] {WRONG}
        C: USER alice
        S: +OK Now the password
        C: PASS secret
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )
