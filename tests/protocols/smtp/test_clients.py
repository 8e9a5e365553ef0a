"""What known clients send, replayed: each test is one client's habit."""

import pytest

from tests.protocols.smtp.fronts import CLEAR, SECURE, WRONG, over_tls, with_starttls, without_tls

STARTTLS = "C: STARTTLS\nS: 220 2.0.0 Ready to start TLS\ntls\n"
QUIT = "C: QUIT\nS: 221 2.0.0 Goodbye\nclosed\n"
EARLY = "S: 530 5.7.0 Authentication required: log in first\n"


def test_smtplib_speaks_in_small_letters_and_tries_plain_and_login_in_one_call():
    """It takes a 503 for a login that was done before, so a refusal is never one."""
    over_tls(
        "C: ehlo [127.0.0.1]"
        + SECURE
        + f"""
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old from [127.0.0.1] -> rejected {WRONG}
        S: 535 5.7.8 {WRONG}
        C: AUTH LOGIN YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: b2xk
        login alice old from [127.0.0.1] -> rejected {WRONG}
        S: 535 5.7.8 {WRONG}
        C: quit
        S: 221 2.0.0 Goodbye
        closed
        """
    )


def test_smtplib_starts_tls_and_says_ehlo_again():
    with_starttls(
        "C: ehlo [127.0.0.1]"
        + CLEAR
        + STARTTLS
        + "C: ehlo [127.0.0.1]"
        + SECURE
        + """
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret from [127.0.0.1] -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_dot_net_sends_login_in_small_letters_with_the_user_name():
    with_starttls(
        "C: EHLO DESKTOP-7"
        + CLEAR
        + STARTTLS
        + "C: EHLO DESKTOP-7"
        + SECURE
        + """
        C: AUTH login YWxpY2VAZXhhbXBsZS50ZXN0
        S: 334 UGFzc3dvcmQ6
        C: YWJjZCBlZmdoIGlqa2wgbW5vcA==
        login alice@example.test "abcd efgh ijkl mnop" from DESKTOP-7 -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


@pytest.mark.parametrize("latin_1", [True, False])
def test_thunderbird_tries_plain_inline_then_login_with_exact_prompts_and_latin_1(latin_1):
    """It sends LOGIN in latin-1 where that is possible, and PLAIN in UTF-8."""
    password, bytes_ = ("cOk=", r"p\xe9") if latin_1 else ("cMOp", r"p\xc3\xa9")
    over_tls(
        "C: EHLO [IPV6:2001:db8::7]"
        + SECURE
        + rf"""
        C: AUTH PLAIN AGFsaWNlAHDDqQ==
        login alice p\xc3\xa9 from [IPV6:2001:db8::7] -> rejected {WRONG}
        S: 535 5.7.8 {WRONG}
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: {password}
        login alice {bytes_} from [IPV6:2001:db8::7] -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_thunderbird_is_told_of_an_outage_with_a_temporary_code():
    over_tls(
        """
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old -> unavailable Please try again later
        S: 454 4.7.0 Please try again later
        """
        + QUIT
    )


def test_thunderbird_guesses_the_configuration_without_a_login():
    over_tls("C: EHLO we-guess.mozilla.org" + SECURE + QUIT)
    with_starttls("C: EHLO we-guess.mozilla.org" + CLEAR + QUIT)
    with_starttls("C: EHLO we-guess.mozilla.org\nC: QUIT" + CLEAR + "S: 221 2.0.0 Goodbye\nclosed")


def test_k9_calls_itself_by_its_own_name_and_sends_plain_inline():
    with_starttls(
        "C: EHLO ehlo.thunderbird.net"
        + CLEAR
        + STARTTLS
        + "C: EHLO ehlo.thunderbird.net"
        + SECURE
        + """
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret from ehlo.thunderbird.net -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


@pytest.mark.parametrize("hello", ["EHLO XRX9C934E", "EHLO"])
def test_xerox_printers_want_the_two_prompts(hello):
    name = " from XRX9C934E" if " " in hello else ""
    without_tls(
        f"C: {hello}"
        + SECURE
        + f"""
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: c2Nhbm5lcg==
        S: 334 UGFzc3dvcmQ6
        C: YWJjZGVmZ2hpamtsbW5vcA==
        login scanner abcdefghijklmnop{name} -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


@pytest.mark.parametrize("client", ["Minolta", "Veeam"])
def test_minolta_copiers_and_veeam_send_the_user_name_with_auth_login(client):
    over_tls(
        f"C: EHLO {client}"
        + SECURE
        + f"""
        C: AUTH LOGIN c2Nhbm5lcg==
        S: 334 UGFzc3dvcmQ6
        C: c2VjcmV0
        login scanner secret from {client} -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


@pytest.mark.parametrize("name", ["192.0.2.40", "MFP", ""])
def test_scanners_log_in_after_helo(name):
    without_tls(
        f"""
        C: HELO {name}
        S: 250 mail.test
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: c2Nhbm5lcg==
        S: 334 UGFzc3dvcmQ6
        C: c2VjcmV0
        login scanner secret{" from " + name if name else ""} -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_phpmailer_goes_by_the_prompts_of_login():
    over_tls(
        "C: EHLO web1.example.test"
        + SECURE
        + """
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: c2VjcmV0
        login alice secret from web1.example.test -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_phpmailer_sends_plain_without_an_initial_response():
    over_tls(
        r"""
        C: AUTH PLAIN
        S: 334\x20
        C: AGFsaWNlAHNlY3JldA==
        login alice secret -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_symfony_resets_after_a_refusal_and_takes_the_next_mechanism():
    over_tls(
        "C: EHLO [127.0.0.1]"
        + SECURE
        + f"""
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: b2xk
        login alice old from [127.0.0.1] -> rejected {WRONG}
        S: 535 5.7.8 {WRONG}
        C: RSET
        S: 250 2.0.0 Nothing done
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old from [127.0.0.1] -> rejected {WRONG}
        S: 535 5.7.8 {WRONG}
        C: RSET
        S: 250 2.0.0 Nothing done
        """
        + QUIT
    )


def test_javamail_looks_for_auth_with_an_equals_sign_and_tries_login_first():
    over_tls(
        "C: EHLO localhost"
        + SECURE
        + f"""
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: b2xk
        login alice old from localhost -> rejected {WRONG}
        S: 535 5.7.8 {WRONG}
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret from localhost -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_mailkit_tries_plain_then_login_with_the_user_name():
    over_tls(
        "C: EHLO [192.0.2.7]"
        + SECURE
        + f"""
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old from [192.0.2.7] -> rejected {WRONG}
        S: 535 5.7.8 {WRONG}
        C: AUTH LOGIN YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: c2VjcmV0
        login alice secret from [192.0.2.7] -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_mailkit_answers_a_prompt_that_it_doesnt_expect_with_an_empty_line():
    """An empty line is an empty password: no login, and no prompt without an end."""
    over_tls(
        """
        C: AUTH LOGIN YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C:
        login alice "" -> rejected Wrong
        S: 535 5.7.8 Wrong
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C:
        S: 334 UGFzc3dvcmQ6
        C:
        login "" "" -> rejected Wrong
        S: 535 5.7.8 Wrong
        """
    )


def test_msmtp_sends_plain_inline_or_login_by_the_prompts():
    greeting = "C: EHLO localhost" + SECURE
    over_tls(
        greeting
        + """
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret from localhost -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )
    over_tls(
        greeting
        + """
        C: AUTH LOGIN
        S: 334 VXNlcm5hbWU6
        C: YWxpY2U=
        S: 334 UGFzc3dvcmQ6
        C: c2VjcmV0
        login alice secret from localhost -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


@pytest.mark.parametrize(
    "said",
    [
        "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0",
        "C: AUTH LOGIN YWxpY2U=\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0",
        "C: AUTH PLAIN AGFsaWNlAHNlY3JldA==",
    ],
)
def test_swaks_logs_in_by_login_login_initial_and_plain(said):
    over_tls(
        "C: EHLO vm"
        + SECURE
        + said
        + """
        login alice secret from vm -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


def test_go_mail_and_others_that_ignore_the_prompts_may_answer_before_them():
    """Nothing is behind the login, so nothing is lost."""
    over_tls(
        """
        C: AUTH LOGIN
        C: YWxpY2U=
        C: c2VjcmV0
        S: 334 VXNlcm5hbWU6
        S: 334 UGFzc3dvcmQ6
        login alice secret -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )


@pytest.mark.parametrize("command", ["MAIL FROM:<scanner@example.test>", "MAIL FROM: <scanner@example.test>"])
def test_devices_without_a_login_are_told_that_they_need_one(command):
    over_tls(
        "C: EHLO MFP"
        + SECURE
        + f"C: {command}\n{EARLY}C: RSET\nS: 250 2.0.0 Nothing done\nC: {command}\n{EARLY}"
        + QUIT
    )


@pytest.mark.parametrize(
    "name",
    [
        "XC-B8C463",
        "Pawan_Dev.vxcountry.example",
        "[127.0.0.1]",
        "[IPV6:::1]",
        "192.0.2.7",
        "a b c",
        "-",
        "<script>",
        "$(id)",
        r"b\xfcro",
        r"\x00\x07",
        "x" * 1000,
        "",
    ],
)
def test_nobody_is_refused_for_the_name_in_ehlo_nor_is_it_sent_back(name):
    asked = f"login alice secret from {name}" if name else "login alice secret"
    over_tls(
        f"C: EHLO {name}"
        + SECURE
        + f"""
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        {asked} -> accepted 2.7.0 Welcome
        S: 235 2.7.0 Welcome
        relay
        """
    )
