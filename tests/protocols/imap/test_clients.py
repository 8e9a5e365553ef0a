"""What known clients send, replayed: each test is one client's habit."""

import pytest

from tests.protocols.imap.fronts import over_tls, with_starttls

WRONG = "Wrong user name or password. With two-step verification, use an app password: https://mail.test/"


def test_thunderbird_tries_plain_then_login_then_the_command_and_all_three_may_fail():
    over_tls(
        rf"""
        C: 1 ID ("name" "Thunderbird" "version" "140.4.0")
        S: * ID ("name" "Wicketgate")
        S: 1 OK ID completed
        C: 2 authenticate PLAIN
        S: +\x20
        C: AGFsaWNlQGV4YW1wbGUudGVzdABvbGQ=
        login alice@example.test old from Thunderbird 140.4.0 -> rejected {WRONG}
        S: 2 NO [AUTHENTICATIONFAILED] {WRONG}
        C: 3 authenticate LOGIN
        S: + VXNlcm5hbWU6
        C: YWxpY2VAZXhhbXBsZS50ZXN0
        S: + UGFzc3dvcmQ6
        C: b2xk
        login alice@example.test old from Thunderbird 140.4.0 -> rejected {WRONG}
        S: 3 NO [AUTHENTICATIONFAILED] {WRONG}
        C: 4 login "alice@example.test" "old"
        login alice@example.test old from Thunderbird 140.4.0 -> rejected {WRONG}
        S: 4 NO [AUTHENTICATIONFAILED] {WRONG}
        S: * BYE Too many failed logins
        error: too many failed logins
        """
    )


def test_thunderbird_logs_in_at_the_third_attempt_if_the_first_two_mechanisms_failed():
    over_tls(
        rf"""
        C: 2 authenticate PLAIN
        S: +\x20
        C: AGFsaWNlAG9sZA==
        login alice old -> rejected {WRONG}
        S: 2 NO [AUTHENTICATIONFAILED] {WRONG}
        C: 3 authenticate LOGIN
        S: + VXNlcm5hbWU6
        C: YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: b2xk
        login alice old -> rejected {WRONG}
        S: 3 NO [AUTHENTICATIONFAILED] {WRONG}
        C: 4 login "alice" "p\\"a\\\\ss"
        login alice "p"a\\ss" -> accepted Welcome
        S: 4 OK Welcome
        relay
        """
    )


def test_thunderbird_is_told_of_an_outage_with_unavailable():
    over_tls(
        r"""
        C: 2 authenticate PLAIN
        S: +\x20
        C: AGFsaWNlAG9sZA==
        login alice old -> unavailable Please try again later
        S: 2 NO [UNAVAILABLE] Please try again later
        C: 3 logout
        S: * BYE Logging out
        S: 3 OK Logged out
        closed
        """
    )


def test_thunderbird_guesses_the_configuration_without_a_login():
    with_starttls(
        """
        C: 1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED
        S: 1 OK Capability completed
        C: 2 LOGOUT
        S: * BYE Logging out
        S: 2 OK Logged out
        closed
        """
    )


def test_apple_mail_has_tags_with_a_dot_says_its_id_first_and_repeats_itself_as_authzid():
    over_tls(
        r"""
        C: 1.854 CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
        S: 1.854 OK Capability completed
        C: 2.854 ID ("name" "Mac OS X Mail" "version" "16.0" "os" "Mac OS X" "vendor" "Apple Inc.")
        S: * ID ("name" "Wicketgate")
        S: 2.854 OK ID completed
        C: 3.854 AUTHENTICATE PLAIN
        S: +\x20
        C: YWxpY2VAZXhhbXBsZS50ZXN0AGFsaWNlQGV4YW1wbGUudGVzdABhYmNkZWZnaGlqa2xtbm9w
        login alice@example.test abcdefghijklmnop from Mac OS X Mail 16.0 -> accepted Welcome
        S: 3.854 OK Welcome
        relay
        """
    )


def test_apple_mail_asks_for_capabilities_again_at_the_backend():
    over_tls(
        r"""
        C: 3.854 AUTHENTICATE PLAIN YWxpY2UAYWxpY2UAc2VjcmV0
        C: 4.854 CAPABILITY
        login alice secret -> accepted Welcome
        S: 3.854 OK Welcome
        relay: 4.854 CAPABILITY\r\n
        """
    )


@pytest.mark.parametrize(
    "mechanism", ["NTLM", "DIGEST-MD5", "CRAM-MD5", "SCRAM-SHA-256", "XOAUTH2", "EXTERNAL"]
)
def test_a_mechanism_that_is_not_offered_is_refused_and_the_client_falls_back(mechanism):
    over_tls(
        rf"""
        C: 1 AUTHENTICATE {mechanism}
        S: 1 NO [CANNOT] The mechanisms offered are PLAIN and LOGIN
        C: 2 LOGIN "alice" "secret"
        login alice secret -> accepted Welcome
        S: 2 OK Welcome
        relay
        """
    )


def test_k9_falls_back_to_quoted_login_after_plain():
    over_tls(
        rf"""
        C: 1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
        S: 1 OK Capability completed
        C: 2 AUTHENTICATE PLAIN AGFsaWNlAG9sZA==
        login alice old -> rejected {WRONG}
        S: 2 NO [AUTHENTICATIONFAILED] {WRONG}
        C: 3 LOGIN "alice" "old"
        login alice old -> rejected {WRONG}
        S: 3 NO [AUTHENTICATIONFAILED] {WRONG}
        """
    )


@pytest.mark.parametrize(
    "user", [r"CORP\\alice", "alice@example.test", "alice*master", "alice+folder@x", "al]ice"]
)
def test_android_and_imaplib_quote_the_password_and_not_the_user_name(user):
    over_tls(
        rf"""
        C: PPHL1 LOGIN {user} "abcdefghijklmnop"
        login {user} abcdefghijklmnop -> accepted Welcome
        S: PPHL1 OK Welcome
        relay
        """
    )


def test_scripts_paste_the_four_groups_without_quotes():
    over_tls(
        """
        C: a LOGIN alice abcd efgh ijkl mnop
        login alice "abcd efgh ijkl mnop" -> accepted Welcome
        S: a OK Welcome
        relay
        """
    )


def test_clients_of_twisted_answer_the_challenge_with_authzid_equal_to_authcid():
    over_tls(
        r"""
        C: 0001 CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
        S: 0001 OK Capability completed
        C: 0002 AUTHENTICATE PLAIN
        S: +\x20
        C: YWxpY2UAYWxpY2UAc2VjcmV0
        login alice secret -> accepted Welcome
        S: 0002 OK Welcome
        relay
        """
    )


def test_neomutt_sends_plain_inline_with_authzid_and_then_login_quoted():
    over_tls(
        rf"""
        C: a0000 AUTHENTICATE PLAIN YWxpY2UAYWxpY2UAc2VjcmV0
        login alice secret -> rejected {WRONG}
        S: a0000 NO [AUTHENTICATIONFAILED] {WRONG}
        C: a0001 LOGIN "alice" "secret"
        login alice secret -> accepted Welcome
        S: a0001 OK Welcome
        relay
        """
    )


def test_javamail_tries_plain_then_login():
    over_tls(
        rf"""
        C: A0 CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN
        S: A0 OK Capability completed
        C: A1 AUTHENTICATE PLAIN AGFsaWNlAG9sZA==
        login alice old -> rejected {WRONG}
        S: A1 NO [AUTHENTICATIONFAILED] {WRONG}
        C: A2 AUTHENTICATE LOGIN
        S: + VXNlcm5hbWU6
        C: YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: c2VjcmV0
        login alice secret -> accepted Welcome
        S: A2 OK Welcome
        relay
        """
    )
