"""What known clients send, replayed: each test is one client's habit."""

import pytest

from tests.protocols.pop3.fronts import CLEAR, SECURE, TLS, WRONG, over_tls, with_starttls

QUIT = "C: QUIT\nS: +OK Goodbye\nclosed\n"
WELCOME = "S: +OK Welcome\nrelay"


def test_thunderbird_tries_plain_then_login_then_user_and_all_three_may_fail():
    """Without initial responses; the texts of the refusals are shown to the user."""
    over_tls(
        "C: CAPA"
        + SECURE
        + rf"""
        C: AUTH PLAIN
        S: +\x20
        C: AGFsaWNlAG9sZA==
        login alice old -> rejected {WRONG}
        S: -ERR [AUTH] {WRONG}
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: b2xk
        login alice old -> rejected {WRONG}
        S: -ERR [AUTH] {WRONG}
        C: USER alice
        S: +OK Now the password
        C: PASS old
        login alice old -> rejected {WRONG}
        S: -ERR [AUTH] {WRONG}
        S: -ERR Too many failed logins
        error: too many failed logins
        """
    )


def test_thunderbird_logs_in_at_the_third_attempt_if_the_first_two_mechanisms_failed():
    with_starttls(
        "C: CAPA"
        + CLEAR
        + TLS
        + "C: CAPA"
        + SECURE
        + rf"""
        C: AUTH PLAIN
        S: +\x20
        C: AGFsaWNlAHDDqQ==
        login alice p\xc3\xa9 -> rejected {WRONG}
        S: -ERR [AUTH] {WRONG}
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: cOk=
        login alice p\xe9 -> rejected {WRONG}
        S: -ERR [AUTH] {WRONG}
        C: USER alice
        S: +OK Now the password
        C: PASS p\xe9
        login alice p\xe9 -> accepted Welcome
        """
        + WELCOME
    )


def test_thunderbird_is_told_of_an_outage_with_sys_temp():
    over_tls(
        r"""
        C: AUTH PLAIN
        S: +\x20
        C: AGFsaWNlAG9sZA==
        login alice old -> unavailable Please try again later
        S: -ERR [SYS/TEMP] Please try again later
        """
        + QUIT
    )


@pytest.mark.parametrize(("listener", "offer"), [(over_tls, SECURE), (with_starttls, CLEAR)])
def test_thunderbird_guesses_the_configuration_without_a_login(listener, offer):
    listener("C: CAPA" + offer + QUIT)
    listener("C: CAPA\nC: QUIT" + offer + "S: +OK Goodbye\nclosed")


@pytest.mark.parametrize("outcome", ["rejected", "unavailable"])
def test_thunderbird_comes_again_after_the_server_has_closed(outcome):
    """So the refusal is sent first, and the connection closed after it."""
    code = {"rejected": "[AUTH]", "unavailable": "[SYS/TEMP]"}[outcome]
    over_tls(
        f"""
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old -> {outcome} The sentence
        S: -ERR {code} The sentence
        S: -ERR Too many failed logins
        error: too many failed logins
        """,
        failed_logins=1,
    )


def test_apple_mail_repeats_itself_as_authzid():
    over_tls(
        "C: CAPA"
        + SECURE
        + r"""
        C: AUTH PLAIN
        S: +\x20
        C: YWxpY2UAYWxpY2UAc2VjcmV0
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def test_mutt_repeats_itself_as_authzid_in_an_inline_response_then_tries_user_and_pass():
    over_tls(
        f"""
        C: AUTH PLAIN YWxpY2UAYWxpY2UAb2xk
        login alice old -> rejected {WRONG}
        S: -ERR [AUTH] {WRONG}
        C: USER alice
        S: +OK Now the password
        C: PASS secret
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def test_mailkit_tries_plain_then_login_with_the_user_name():
    over_tls(
        f"""
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old -> rejected {WRONG}
        S: -ERR [AUTH] {WRONG}
        C: AUTH LOGIN YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: c2VjcmV0
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def test_mailkit_answers_a_prompt_that_it_doesnt_expect_with_an_empty_line():
    """An empty line is an empty password: no login, and no prompt without an end."""
    over_tls(
        """
        C: AUTH LOGIN YWxpY2U=
        S: + UGFzc3dvcmQ6
        C:
        login alice "" -> rejected Wrong
        S: -ERR [AUTH] Wrong
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C:
        S: + UGFzc3dvcmQ6
        C:
        login "" "" -> rejected Wrong
        S: -ERR [AUTH] Wrong
        """
    )


def test_pythons_poplib_sends_the_password_as_it_is_with_its_spaces():
    over_tls(
        """
        C: USER alice
        S: +OK Now the password
        C: PASS abcd efgh ijkl mnop
        login alice "abcd efgh ijkl mnop" -> accepted Welcome
        """
        + WELCOME
    )


def test_poplib_starts_tls_only_where_capa_offers_it():
    with_starttls(
        "C: CAPA"
        + CLEAR
        + TLS
        + """
        C: USER alice
        S: +OK Now the password
        C: PASS secret
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def test_a_client_that_pipelines_sends_its_first_commands_behind_its_password():
    """It may: PIPELINING is offered (RFC 2449, section 6.6)."""
    over_tls(
        r"""
        C: USER alice
        C: PASS secret
        C: STAT
        C: LIST
        S: +OK Now the password
        login alice secret -> accepted Welcome
        S: +OK Welcome
        relay: STAT\r\nLIST\r\n
        """
    )


@pytest.mark.parametrize("name", [r"CORP\\alice", "alice*master", "alice+folder@x", "user%example.test"])
def test_login_names_with_special_characters_reach_the_judge_as_they_are(name):
    over_tls(
        f"""
        C: USER {name}
        S: +OK Now the password
        C: PASS secret
        login {name} secret -> rejected {WRONG}
        S: -ERR [AUTH] {WRONG}
        """
    )


def test_who_needs_an_app_password_is_told_so():
    over_tls(
        """
        C: USER alice
        S: +OK Now the password
        C: PASS main
        login alice main -> app_password_required An app password is required
        S: -ERR [AUTH] An app password is required
        """
    )
