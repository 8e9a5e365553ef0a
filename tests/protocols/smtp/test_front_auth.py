"""AUTH in all the ways that it is written, and the answers to a login."""

import pytest

from tests.protocols.smtp.fronts import SECURE, over_tls, with_starttls, without_tls

ACCEPTED = """
login alice secret -> accepted 2.7.0 Welcome
S: 235 2.7.0 Welcome
relay
"""


@pytest.mark.parametrize(
    "said",
    [
        "C: AUTH PLAIN AGFsaWNlAHNlY3JldA==",
        "C: auth plain AGFsaWNlAHNlY3JldA==",
        "C: AUTH PLAIN AGFsaWNlAHNlY3JldA== ",
        "C: AUTH PLAIN YWxpY2UAYWxpY2UAc2VjcmV0",
        "C: AUTH PLAIN\nS: 334\\x20\nC: AGFsaWNlAHNlY3JldA==",
        "C: AUTH PLAIN =\nS: 334\\x20\nC: AGFsaWNlAHNlY3JldA==",
        "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0",
        "C: AUTH LOGIN =\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0",
        "C: AUTH LOGIN YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0",
        "C: auth login YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0",
        r"C(raw): AUTH PLAIN AGFsaWNlAHNlY3JldA==\n",
    ],
)
@pytest.mark.parametrize("greeting", ["", f"C: EHLO laptop{SECURE}", "C: HELO laptop\nS: 250 mail.test\n"])
def test_a_login_goes_by_plain_and_login_with_and_without_initial_response(greeting, said):
    named = ACCEPTED.replace("secret ->", "secret from laptop ->") if greeting else ACCEPTED
    over_tls(greeting + said.replace("== \n", "==\\x20\n") + named)


def test_sasl_07_the_initial_response_may_be_left_out_or_empty():
    for initial in ("", " ="):
        over_tls(f"C: AUTH PLAIN{initial}\nS: 334\\x20\nC: AGFsaWNlAHNlY3JldA=={ACCEPTED}")


def test_a_listener_without_tls_takes_logins():
    without_tls("C: AUTH PLAIN AGFsaWNlAHNlY3JldA==" + ACCEPTED)


def test_after_starttls_logins_are_taken():
    with_starttls(
        """
        C: STARTTLS
        S: 220 2.0.0 Ready to start TLS
        tls
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        """
        + ACCEPTED
    )


def test_the_client_is_known_by_its_last_ehlo_or_helo():
    over_tls(
        r"""
        C: HELO old
        S: 250 mail.test
        C: EHLO [IPv6:2001:db8::7]
        """
        + SECURE
        + """
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret from [IPv6:2001:db8::7] -> accepted
        S: 235 2.7.0 Authentication successful
        relay
        """
    )


def test_the_backends_own_words_are_passed_on():
    over_tls(
        """
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret -> accepted 2.7.0 Accepted, go ahead
        S: 235 2.7.0 Accepted, go ahead
        relay
        """
    )


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("rejected", "535 5.7.8"),
        ("app_password_required", "534 5.7.9"),
        ("expired", "535 5.7.8"),
        ("forbidden", "535 5.7.1"),
        ("blocked", "535 5.7.13"),
        ("limited", "454 4.7.0"),
        ("unavailable", "454 4.7.0"),
    ],
)
def test_each_refusal_has_its_code_and_another_login_may_follow(outcome, code):
    over_tls(
        f"""
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old -> {outcome} The sentence
        S: {code} The sentence
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        """
        + ACCEPTED
    )


@pytest.mark.parametrize("between", ["RSET", "NOOP", "rset"])
def test_between_two_logins_other_commands_are_possible(between):
    over_tls(
        f"""
        C: AUTH LOGIN YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: b2xk
        login alice old -> rejected Wrong
        S: 535 5.7.8 Wrong
        C: {between}
        S: 250 2.0.0 Nothing done
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        """
        + ACCEPTED
    )


def test_the_third_failed_login_is_the_last_and_is_still_answered():
    over_tls(
        """
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old -> rejected Wrong
        S: 535 5.7.8 Wrong
        C: AUTH LOGIN YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: b2xk
        login alice old -> rejected Wrong
        S: 535 5.7.8 Wrong
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old -> unavailable Later
        S: 454 4.7.0 Later
        S: 421 4.7.0 Too many failed logins
        error: too many failed logins
        """
    )


def test_how_many_logins_may_fail_is_a_term():
    over_tls(
        """
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old -> rejected Wrong
        S: 535 5.7.8 Wrong
        S: 421 4.7.0 Too many failed logins
        error: too many failed logins
        """,
        failed_logins=1,
    )
