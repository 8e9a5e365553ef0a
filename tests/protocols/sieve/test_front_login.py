"""AUTHENTICATE in all the ways that it is written, and the answers to a login."""

import pytest

from tests.protocols.sieve.fronts import SECURE, TLS, over_tls, with_starttls, without_tls

ACCEPTED = """
login alice secret -> accepted Welcome
S: OK "Welcome"
relay
"""
PLAIN = 'C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="'
BY_PROMPTS = """
C: AUTHENTICATE "LOGIN"
S: "VXNlcm5hbWU6"
C: "YWxpY2U="
S: "UGFzc3dvcmQ6"
C: "c2VjcmV0"
"""


@pytest.mark.parametrize(
    "said",
    [
        PLAIN,
        'C: authenticate "plain" "AGFsaWNlAHNlY3JldA=="',
        r'C: AUTHENTICATE  "PLAIN"  "AGFsaWNlAHNlY3JldA=="\x20',
        "C: AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==",
        r'C: AUTHENTICATE "PLAIN" {20+}\r\nAGFsaWNlAHNlY3JldA==',
        r'C: AUTHENTICATE "PLAIN" {20}\r\nAGFsaWNlAHNlY3JldA==',
        r"C: AUTHENTICATE {5+}\r\nPLAIN {20+}\r\nAGFsaWNlAHNlY3JldA==",
        'C: AUTHENTICATE "PLAIN" "YWxpY2UAYWxpY2UAc2VjcmV0"',
        'C: AUTHENTICATE "PLAIN"\nS: ""\nC: "AGFsaWNlAHNlY3JldA=="',
        'C: AUTHENTICATE "PLAIN"\nS: ""\nC: {20+}\nC: AGFsaWNlAHNlY3JldA==',
        'C: AUTHENTICATE "PLAIN" "="\nS: ""\nC: "AGFsaWNlAHNlY3JldA=="',
        BY_PROMPTS,
        'C: AUTHENTICATE "LOGIN" "YWxpY2U="\nS: "UGFzc3dvcmQ6"\nC: "c2VjcmV0"',
        r'C: AUTHENTICATE "login" {8+}\r\nYWxpY2U=' + '\nS: "UGFzc3dvcmQ6"\nC: {8+}\nC: c2VjcmV0',
        r'C(raw): AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\n',
    ],
)
@pytest.mark.parametrize("listener", [over_tls, without_tls])
def test_a_login_goes_by_plain_and_login_with_and_without_initial_response(listener, said):
    listener(said + ACCEPTED)


@pytest.mark.parametrize("said", [PLAIN, BY_PROMPTS])
def test_after_starttls_logins_are_taken(said):
    with_starttls(TLS + said + ACCEPTED)


def test_sasl_07_the_initial_response_may_be_left_out():
    for initial in ("", ' "="'):
        over_tls(f'C: AUTHENTICATE "PLAIN"{initial}\nS: ""\nC: "AGFsaWNlAHNlY3JldA=="{ACCEPTED}')


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("", '"Logged in."'),
        ("3 scripts", '"3 scripts"'),
        ('a"b\\\\c', r'"a\\"b\\\\c"'),
        (r"a\r\nNO \x00b", '"a  NO  b"'),
        (r"p\xc3\xa4", r'"p\xc3\xa4"'),
    ],
)
def test_the_backends_own_words_are_passed_on_and_quoted(words, shown):
    said = f" {words}" if words else ""
    over_tls(f"{PLAIN}\nlogin alice secret -> accepted{said}\nS: OK {shown}\nrelay")


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("rejected", ""),
        ("app_password_required", ""),
        ("expired", ""),
        ("forbidden", ""),
        ("blocked", ""),
        ("limited", "(TRYLATER) "),
        ("unavailable", "(TRYLATER) "),
    ],
)
def test_each_refusal_says_whether_to_try_later_and_another_login_may_follow(outcome, code):
    """RFC 5804, section 1.3."""
    over_tls(
        f"""
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAG9sZA=="
        login alice old -> {outcome} The "sentence"
        S: NO {code}"The \\\\"sentence\\\\""
        """
        + PLAIN
        + ACCEPTED
    )


def test_the_third_failed_login_is_the_last_and_is_still_answered():
    over_tls(
        """
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAG9sZA=="
        login alice old -> rejected Wrong
        S: NO "Wrong"
        C: AUTHENTICATE "LOGIN" "YWxpY2U="
        S: "UGFzc3dvcmQ6"
        C: "b2xk"
        login alice old -> rejected Wrong
        S: NO "Wrong"
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAG9sZA=="
        login alice old -> unavailable Later
        S: NO (TRYLATER) "Later"
        S: BYE "Too many failed logins"
        error: too many failed logins
        """
    )


def test_how_many_logins_may_fail_is_a_term():
    over_tls(
        """
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAG9sZA=="
        login alice old -> rejected Wrong
        S: NO "Wrong"
        S: BYE "Too many failed logins"
        error: too many failed logins
        """,
        failed_logins=1,
    )


@pytest.mark.parametrize("between", ["NOOP", 'noop "1"', "CAPABILITY"])
def test_between_two_logins_other_commands_are_possible(between):
    answers = {
        "NOOP": 'S: OK "Done."',
        'noop "1"': 'S: OK (TAG "1") "Done."',
        "CAPABILITY": SECURE + 'S: OK "Capability completed."',
    }
    over_tls(
        f"""
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAG9sZA=="
        login alice old -> rejected Wrong
        S: NO "Wrong"
        C: {between}
        {answers[between]}
        {PLAIN}
        """
        + ACCEPTED
    )
