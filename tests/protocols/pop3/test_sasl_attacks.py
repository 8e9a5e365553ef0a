"""The attacks on SASL, as the front answers them."""

import pytest

from protocols import pop3
from protocols.dialogue import ProtocolError, Read, Send
from protocols.sasl import encode
from protocols.terms import FrontTerms
from tests.protocols.play import whole
from tests.protocols.pop3.fronts import over_tls

WELCOME = "S: +OK Welcome\nrelay"
TOO_LONG = "S: -ERR Line too long\nerror: line too long"


def plain(message):
    return encode(message).decode()


def test_sasl_01_control_characters_reach_the_judge_and_no_reply():
    message = plain(b"\0al\r\nice\0pw\r\nDELE 1")
    username, password = plain(b"\0\r\n\x7f"), plain(b"\r\nDELE 1")
    over_tls(
        rf"""
        C: AUTH PLAIN {message}
        login al\r\nice "pw\r\nDELE 1" -> rejected Wrong
        S: -ERR [AUTH] Wrong
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: {username}
        S: + UGFzc3dvcmQ6
        C: {password}
        login \x00\r\n\x7f "\r\nDELE 1" -> rejected Wrong
        S: -ERR [AUTH] Wrong
        """
    )


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (b"victim\0attacker\0pw", "Logging in on behalf of another user is not offered"),
        (b"ALICE\0alice\0pw", "Logging in on behalf of another user is not offered"),
        (b"admin\0\0password", "That is not a valid response for this mechanism"),
        (b"alice", "That is not a valid response for this mechanism"),
        (b"alice\0pw", "That is not a valid response for this mechanism"),
        (b"\0alice\0pw\0", "That is not a valid response for this mechanism"),
        (b"\0\0", "That is not a valid response for this mechanism"),
        (b"\0\0pw", "That is not a valid response for this mechanism"),
    ],
)
def test_sasl_02_03_04_such_a_message_is_refused_and_asks_for_no_login(message, complaint):
    over_tls(
        rf"""
        C: AUTH PLAIN {plain(message)}
        S: -ERR {complaint}
        C: AUTH PLAIN
        S: +\x20
        C: {plain(message)}
        S: -ERR {complaint}
        C: QUIT
        S: +OK Goodbye
        closed
        """
    )


def test_sasl_04_empty_values_reach_the_judge():
    over_tls(
        """
        C: AUTH PLAIN AGFsaWNlAA==
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


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("not base64", "That is not valid base64"),
        ("AGFsaWNlAHNlY3JldA", "That is not valid base64"),
        ("AGFsaWNlAHNlY3JldA=", "That is not valid base64"),
        (r"AGFsaWNlAHNlY3JldA==\x20", "That is not valid base64"),
        (" AGFsaWNlAHNlY3JldA==", "That is not valid base64"),
        ("AGFsaWNlAHNlY3JldB==", "That is not valid base64"),
        (r"AGFsaWNlAHNlY3JldA==\r", "That is not valid base64"),
        (r"AGFsaWNlAHNlY3JldA==\x00", "That is not valid base64"),
        ("=", "That is not valid base64"),
        ("+", "That is not valid base64"),
        ("+ VXNlcm5hbWU6", "That is not valid base64"),
        ("AUTH PLAIN AGFsaWNlAHNlY3JldA==", "That is not valid base64"),
        ("QUIT", "That is not a valid response for this mechanism"),
        ("*", "The login was cancelled"),
        ("**", "That is not valid base64"),
    ],
)
def test_sasl_05_what_is_not_exactly_a_response_is_refused_and_the_next_login_is_good(line, complaint):
    over_tls(
        rf"""
        C: AUTH PLAIN
        S: +\x20
        C: {line}
        S: -ERR {complaint}
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


@pytest.mark.parametrize("broken", ["*", "not base64"])
def test_sasl_05_nothing_of_a_broken_exchange_is_left_for_the_next(broken):
    complaint = "The login was cancelled" if broken == "*" else "That is not valid base64"
    over_tls(
        f"""
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: bWFsbG9yeQ==
        S: + UGFzc3dvcmQ6
        C: {broken}
        S: -ERR {complaint}
        C: PASS secret
        S: -ERR USER comes before PASS
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C: YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: c2VjcmV0
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def test_sasl_05_a_name_from_before_a_login_by_auth_is_not_left_for_pass():
    over_tls(
        """
        C: USER mallory
        S: +OK Now the password
        C: AUTH PLAIN AGFsaWNlAG9sZA==
        login alice old -> rejected Wrong
        S: -ERR [AUTH] Wrong
        C: PASS secret
        S: -ERR USER comes before PASS
        """
    )


def test_sasl_06_a_response_of_12288_bytes_is_taken_inline_and_on_its_own_line():
    password = "x" * (12288 // 4 * 3 - 7)
    response = plain(f"\0alice\0{password}".encode())
    assert len(response) == 12288
    for said in (f"C: AUTH PLAIN {response}", f"C: AUTH PLAIN\nS: +\\x20\nC: {response}"):
        over_tls(f"{said}\nlogin alice {password} -> accepted Welcome\n{WELCOME}", cuts=(whole,))


@pytest.mark.parametrize("size", [12289, 12292])
def test_sasl_06_a_longer_one_is_refused_and_the_connection_goes_on(size):
    over_tls(
        rf"""
        C: AUTH PLAIN
        S: +\x20
        C: {"A" * size}
        S: -ERR That is too long: a response may have 12288 bytes
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret -> accepted Welcome
        """
        + WELCOME,
        cuts=(whole,),
    )


@pytest.mark.parametrize("size", [12300, 16384, 65536])
@pytest.mark.parametrize(
    "before", ["C: AUTH PLAIN\nS: +\\x20\n", "C: AUTH LOGIN YWxpY2U=\nS: + UGFzc3dvcmQ6\n", ""]
)
def test_sasl_06_one_beyond_the_cap_ends_the_connection(before, size):
    over_tls(f"{before}C: {'A' * size}\n{TOO_LONG}", cuts=(whole,))


@pytest.mark.parametrize("before", [b"AUTH PLAIN\r\n", b"AUTH PLAIN ", b"USER ", b""])
def test_sasl_06_one_without_an_end_is_read_no_further_than_to_the_cap(before):
    front, taken, said = pop3.front(FrontTerms()), 0, b""

    def feed():
        nonlocal taken, said
        chunk = None
        while True:
            request = front.send(chunk)
            chunk = None
            if isinstance(request, Send):
                said += request.data
            elif isinstance(request, Read):
                chunk = b"A" * 1000 if taken else before + b"A"
                taken += len(chunk)

    with pytest.raises(ProtocolError, match="line too long"):
        feed()
    assert taken < 12299 + 2 * 1000
    assert said.endswith(b"-ERR Line too long\r\n")


def test_sasl_08_mechanisms_may_be_changed_after_each_failure():
    refusals = 50
    attempt = """
    C: AUTH PLAIN AGFsaWNlAG9sZA==
    login alice old -> rejected Wrong
    S: -ERR [AUTH] Wrong
    C: AUTH LOGIN YWxpY2U=
    S: + UGFzc3dvcmQ6
    C: b2xk
    login alice old -> rejected Wrong
    S: -ERR [AUTH] Wrong
    C: USER alice
    S: +OK Now the password
    C: PASS old
    login alice old -> rejected Wrong
    S: -ERR [AUTH] Wrong
    """
    last = """
    C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
    login alice secret -> accepted Welcome
    """
    over_tls(attempt * refusals + last + WELCOME, failed_logins=3 * refusals + 1)


@pytest.mark.parametrize(
    "mechanism",
    ["EXTERNAL", "NTLM", "GSSAPI", "CRAM-MD5", "DIGEST-MD5", "XOAUTH2", "ANONYMOUS", r"PLAIN\x00", "LOGIN;"],
)
@pytest.mark.parametrize("response", ["", " AGFsaWNlAHNlY3JldA==", " ="])
def test_sasl_08_a_mechanism_that_is_not_offered_asks_for_no_login(mechanism, response):
    over_tls(
        f"""
        C: AUTH {mechanism}{response}
        S: -ERR The mechanisms offered are PLAIN and LOGIN
        C: QUIT
        S: +OK Goodbye
        closed
        """
    )


def test_sasl_09_a_second_login_after_the_first_is_the_backends_business():
    over_tls(
        r"""
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        C: AUTH PLAIN AG1hbGxvcnkAc2VjcmV0
        login alice secret -> accepted Welcome
        S: +OK Welcome
        relay: AUTH PLAIN AG1hbGxvcnkAc2VjcmV0\r\n
        """
    )


@pytest.mark.parametrize("size", [64, 72, 73, 128, 1024])
def test_sasl_11_a_long_password_reaches_the_judge_in_full(size):
    password = "x" * (size - 1) + "!"
    message = plain(b"\0alice\0" + password.encode())
    over_tls(
        f"""
        C: AUTH PLAIN {message}
        login alice {password} -> rejected Wrong
        S: -ERR [AUTH] Wrong
        C: USER alice
        S: +OK Now the password
        C: PASS {password}
        login alice {password} -> accepted Welcome
        """
        + WELCOME
    )
