"""What known clients send, replayed: each test is one client's habit."""

import pytest

from tests.protocols.sieve.fronts import CLEAR, SECURE, TLS, WRONG, over_tls, with_starttls

WELCOME = 'S: OK "Welcome"\nrelay'
LOGOUT = 'C: LOGOUT\nS: OK "Goodbye."\nclosed'


@pytest.mark.parametrize("response", ['"AGFsaWNlAHNlY3JldA=="', r"{20+}\r\nAGFsaWNlAHNlY3JldA=="])
def test_clients_send_plain_with_its_response_as_a_quoted_string_or_a_literal(response):
    over_tls(f'C: AUTHENTICATE "PLAIN" {response}\nlogin alice secret -> accepted Welcome\n{WELCOME}')


def test_clients_wait_for_the_capabilities_that_come_unasked_after_starttls():
    with_starttls(
        TLS
        + """
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def test_clients_would_take_capabilities_after_the_login_for_the_answer_to_their_next_command():
    over_tls(
        r"""
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
        C: LISTSCRIPTS
        login alice secret -> accepted Welcome
        S: OK "Welcome"
        relay: LISTSCRIPTS\r\n
        """
    )


def test_the_sieve_add_on_of_thunderbird_asks_for_the_capabilities_although_they_come_unasked():
    """Old Cyrus servers don't send them after STARTTLS; it reads one answer or two."""
    with_starttls(
        f"""
        {TLS}
        C: CAPABILITY
        {SECURE}
        S: OK "Capability completed."
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def test_the_sieve_add_on_of_thunderbird_answers_the_prompts_of_login_with_literals():
    over_tls(
        """
        C: AUTHENTICATE "LOGIN"
        S: "VXNlcm5hbWU6"
        C: {8+}
        C: Z2Vlaw==
        S: "UGFzc3dvcmQ6"
        C: {12+}
        C: dGgzZzMzazE=
        login geek th3g33k1 -> accepted Welcome
        """
        + WELCOME
    )


def test_roundcube_logs_in_and_asks_for_the_capabilities_at_the_backend():
    """Its Net_Sieve reads them anew behind each login."""
    over_tls(
        r"""
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
        C: CAPABILITY
        login alice secret -> accepted Welcome
        S: OK "Welcome"
        relay: CAPABILITY\r\n
        """
    )


def test_roundcube_sends_login_and_the_user_name_before_it_reads_a_prompt():
    over_tls(
        """
        C: AUTHENTICATE "LOGIN"
        C: "YWxpY2U="
        S: "VXNlcm5hbWU6"
        S: "UGFzc3dvcmQ6"
        C: "c2VjcmV0"
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def test_pythons_sievelib_sends_all_of_login_at_once():
    over_tls(
        """
        C: AUTHENTICATE "LOGIN"
        C: "YWxpY2U="
        C: "c2VjcmV0"
        S: "VXNlcm5hbWU6"
        S: "UGFzc3dvcmQ6"
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def test_pythons_sievelib_finds_a_text_in_every_refusal():
    """It takes a NO without a quoted text for a broken server."""
    over_tls(
        f"""
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAG9sZA=="
        login alice old -> rejected {WRONG}
        S: NO "{WRONG}"
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAG9sZA=="
        login alice old -> unavailable Later
        S: NO (TRYLATER) "Later"
        """
        + LOGOUT
    )


def test_snappymail_sends_all_of_login_at_once_as_literals():
    over_tls(
        """
        C: AUTHENTICATE "LOGIN"
        C: {8+}
        C: YWxpY2U=
        C: {8+}
        C: c2VjcmV0
        S: "VXNlcm5hbWU6"
        S: "UGFzc3dvcmQ6"
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def test_clients_that_look_for_a_mechanism_in_clear_find_none_and_leave():
    with_starttls(f'C: CAPABILITY\n{CLEAR}S: OK "Capability completed."\n{LOGOUT}')


def test_clients_that_repeat_the_user_as_authzid_get_in():
    over_tls(
        'C: AUTHENTICATE "PLAIN" "YWxpY2UAYWxpY2UAc2VjcmV0"\nlogin alice secret -> accepted Welcome\n'
        + WELCOME
    )


def test_clients_are_told_of_an_outage_with_trylater():
    over_tls(
        """
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
        login alice secret -> unavailable Please try again later
        S: NO (TRYLATER) "Please try again later"
        """
        + LOGOUT
    )


def test_who_needs_an_app_password_is_told_so():
    over_tls(
        """
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAG1haW4="
        login alice main -> app_password_required An app password is required
        S: NO "An app password is required"
        """
    )


def test_who_logs_in_without_tls_is_told_that_it_is_needed():
    with_starttls(
        """
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
        S: NO (ENCRYPT-NEEDED) "Start TLS first, then log in"
        """
    )
