"""USER and PASS, and AUTH in all the ways that it is written, and the answers to a login."""

import pytest

from protocols import pop3
from protocols.dialogue import Credentials
from protocols.terms import FrontTerms
from tests.protocols.pop3.fronts import CLEAR, SECURE, TLS, over_tls, with_starttls, without_tls
from tests.protocols.talk import talk

ACCEPTED = """
login alice secret -> accepted Welcome
S: +OK Welcome
relay
"""
BY_USER = "C: USER alice\nS: +OK Now the password\nC: PASS secret"


@pytest.mark.parametrize(
    "said",
    [
        BY_USER,
        "C: user alice\nS: +OK Now the password\nC: pass secret",
        r"C(raw): USER alice\nPASS secret\n" + "\nS: +OK Now the password",
        "C: AUTH PLAIN AGFsaWNlAHNlY3JldA==",
        "C: auth plain AGFsaWNlAHNlY3JldA==",
        r"C: AUTH PLAIN AGFsaWNlAHNlY3JldA==\x20",
        "C: AUTH PLAIN YWxpY2UAYWxpY2UAc2VjcmV0",
        "C: AUTH PLAIN\nS: +\\x20\nC: AGFsaWNlAHNlY3JldA==",
        "C: AUTH PLAIN =\nS: +\\x20\nC: AGFsaWNlAHNlY3JldA==",
        "C: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: YWxpY2U=\nS: + UGFzc3dvcmQ6\nC: c2VjcmV0",
        "C: AUTH LOGIN =\nS: + VXNlcm5hbWU6\nC: YWxpY2U=\nS: + UGFzc3dvcmQ6\nC: c2VjcmV0",
        "C: AUTH LOGIN YWxpY2U=\nS: + UGFzc3dvcmQ6\nC: c2VjcmV0",
        r"C(raw): AUTH PLAIN AGFsaWNlAHNlY3JldA==\n",
    ],
)
@pytest.mark.parametrize("greeting", ["", "C: CAPA" + SECURE])
@pytest.mark.parametrize("listener", [over_tls, without_tls])
def test_a_login_goes_by_user_and_pass_and_by_plain_and_login(listener, greeting, said):
    listener(greeting + said + ACCEPTED)


@pytest.mark.parametrize("said", [BY_USER, "C: AUTH PLAIN AGFsaWNlAHNlY3JldA=="])
def test_after_stls_logins_are_taken(said):
    with_starttls("C: CAPA" + CLEAR + TLS + "C: CAPA" + SECURE + said + ACCEPTED)


def test_sasl_07_the_initial_response_may_be_left_out_or_empty():
    for initial in ("", " ="):
        over_tls(f"C: AUTH PLAIN{initial}\nS: +\\x20\nC: AGFsaWNlAHNlY3JldA=={ACCEPTED}")


def test_the_last_user_counts():
    over_tls(
        """
        C: USER mallory
        S: +OK Now the password
        C: USER alice
        S: +OK Now the password
        C: PASS secret
        """
        + ACCEPTED
    )


def test_the_backends_own_words_are_passed_on():
    over_tls(BY_USER + "\nlogin alice secret -> accepted [X] 3 messages\nS: +OK [X] 3 messages\nrelay")


def test_where_it_has_none_there_are_ours():
    over_tls(BY_USER + "\nlogin alice secret -> accepted\nS: +OK Logged in\nrelay")


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("rejected", "[AUTH]"),
        ("app_password_required", "[AUTH]"),
        ("expired", "[AUTH]"),
        ("forbidden", "[AUTH]"),
        ("blocked", "[AUTH]"),
        ("limited", "[SYS/TEMP]"),
        ("unavailable", "[SYS/TEMP]"),
    ],
)
def test_each_refusal_has_its_code_and_another_login_may_follow(outcome, code):
    """RFC 3206."""
    over_tls(
        f"""
        C: USER alice
        S: +OK Now the password
        C: PASS old
        login alice old -> {outcome} The sentence
        S: -ERR {code} The sentence
        """
        + BY_USER
        + ACCEPTED
    )


def test_after_a_refusal_the_user_has_to_be_named_again():
    over_tls(
        """
        C: USER alice
        S: +OK Now the password
        C: PASS old
        login alice old -> rejected Wrong
        S: -ERR [AUTH] Wrong
        C: PASS secret
        S: -ERR USER comes before PASS
        """
    )


def test_the_third_failed_login_is_the_last_and_is_still_answered():
    over_tls(
        """
        C: USER alice
        S: +OK Now the password
        C: PASS old
        login alice old -> rejected Wrong
        S: -ERR [AUTH] Wrong
        C: AUTH LOGIN YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: b2xk
        login alice old -> rejected Wrong
        S: -ERR [AUTH] Wrong
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old -> unavailable Later
        S: -ERR [SYS/TEMP] Later
        S: -ERR Too many failed logins
        error: too many failed logins
        """
    )


def test_how_many_logins_may_fail_is_a_term():
    over_tls(
        """
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old -> rejected Wrong
        S: -ERR [AUTH] Wrong
        S: -ERR Too many failed logins
        error: too many failed logins
        """,
        failed_logins=1,
    )


# POP-01: USER and PASS take the rest of the line as it is.


def user_and_pass(username, password):
    """What the judge is asked after these two lines; and nothing of them stands in an answer."""
    ended = talk(pop3.front(FrontTerms()), [b"USER " + username + b"\r\nPASS " + password + b"\r\n"])
    assert ended.sent.endswith(b"ready.\r\n+OK Now the password\r\n-ERR [AUTH] No\r\n")
    return [login.credentials for login in ended.logins]


@pytest.mark.parametrize(
    "value",
    [
        b" alice",
        b"alice ",
        b"  al  ice  ",
        b" ",
        b"%u",
        b"al%ice",
        b"abcd efgh ijkl mnop",
        b"CORP\\user",
        b'"alice"',
        b"p\xc3\xa9",
        b"p\xe9\xff",
        b"al\tice",
        b"al\0ice",
        b"al\rice",
        b"x" * 255,
        b"x" * 256,
        b"x" * 1024,
        b"x" * 12294,
    ],
)
def test_pop_01_names_and_passwords_are_taken_as_they_stand_on_the_line(value):
    assert user_and_pass(value, value) == [Credentials(value, value)]


@pytest.mark.parametrize("said", [b"PASS", b"PASS ", b"pass"])
def test_pop_01_an_empty_password_reaches_the_judge_as_it_is(said):
    ended = talk(pop3.front(FrontTerms()), [b"USER alice\r\n" + said + b"\r\n"])
    assert [login.credentials for login in ended.logins] == [Credentials(b"alice", b"")]


@pytest.mark.parametrize("control", [*range(0x0A), *range(0x0B, 0x20), 0x7F])
def test_sasl_01_control_characters_reach_the_judge_as_they_are(control):
    username, password = b"al%cice" % control, b"%csecret" % control
    assert user_and_pass(username, password) == [Credentials(username, password)]


@pytest.mark.parametrize(
    "username",
    [
        b"%u",
        b"%{user}",
        b"$(id)",
        b"{0}",
        b"a'--",
        b"*)(uid=*",
        b"a,ou=x",
        b"a\\2a",
        b"${jndi:x}",
        b"\xff\xfe",
    ],
)
def test_sasl_12_a_user_name_is_nothing_but_bytes(username):
    assert user_and_pass(username, username) == [Credentials(username, username)]


@pytest.mark.parametrize("digest", ["", " alice", " alice c4c9334bac560ecc979e58001b3e22fb"])
def test_pop_02_there_is_no_apop_and_no_challenge_for_it_in_the_greeting(digest):
    """RFC 1939, section 7: a greeting with a timestamp invites it. A hash can't answer it."""
    over_tls(
        f"""
        C: APOP{digest}
        S: -ERR Unknown command. Log in with USER and PASS, or with AUTH
        """,
        offered=(b"TOP", b"UIDL", b"APOP", b"EXPIRE NEVER"),
    )


def test_pop_02_auth_alone_lists_the_mechanisms_offered_and_no_other():
    for command in ("AUTH", r"AUTH\x20", r"auth\x20\x20"):
        over_tls(
            f"""
            C: {command}
            S: +OK
            S: PLAIN
            S: LOGIN
            S: .
            """
        )
