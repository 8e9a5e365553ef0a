"""The attacks on SASL, as the front answers them."""

import pytest

from protocols.sasl import encode
from tests.protocols.imap.fronts import over_tls
from tests.protocols.play import whole


def plain(message):
    return encode(message).decode()


def test_sasl_01_control_characters_reach_the_judge_and_no_reply():
    message = plain(b"\0al\r\nice\0pw\r\nb DELETE 1")
    over_tls(
        rf"""
        C: a AUTHENTICATE PLAIN {message}
        login al\r\nice "pw\r\nb DELETE 1" -> rejected Wrong
        S: a NO [AUTHENTICATIONFAILED] Wrong
        C: b LOGIN alice {{4+}}\r\n\x00\r\n\x7f
        login alice \x00\r\n\x7f -> rejected Wrong
        S: b NO [AUTHENTICATIONFAILED] Wrong
        """
    )


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (b"victim\0attacker\0pw", "Logging in on behalf of another user is not offered"),
        (b"admin\0\0password", "That is not a valid response for this mechanism"),
        (b"alice", "That is not a valid response for this mechanism"),
        (b"alice\0pw", "That is not a valid response for this mechanism"),
        (b"\0alice\0pw\0", "That is not a valid response for this mechanism"),
        (b"\0\0", "That is not a valid response for this mechanism"),
    ],
)
def test_sasl_02_03_04_such_a_message_is_bad_and_asks_for_no_login(message, complaint):
    over_tls(
        f"""
        C: a AUTHENTICATE PLAIN {plain(message)}
        S: a BAD {complaint}
        C: b NOOP
        S: b OK Nothing done
        """
    )


def test_sasl_04_empty_values_reach_the_judge():
    over_tls(
        """
        C: a AUTHENTICATE PLAIN AGFsaWNlAA==
        login alice "" -> rejected Wrong
        S: a NO [AUTHENTICATIONFAILED] Wrong
        C: b AUTHENTICATE LOGIN
        S: + VXNlcm5hbWU6
        C:
        S: + UGFzc3dvcmQ6
        C:
        login "" "" -> rejected Wrong
        S: b NO [AUTHENTICATIONFAILED] Wrong
        """
    )


def test_sasl_05_nothing_of_a_broken_exchange_is_left_for_the_next():
    over_tls(
        """
        C: a AUTHENTICATE LOGIN
        S: + VXNlcm5hbWU6
        C: bWFsbG9yeQ==
        S: + UGFzc3dvcmQ6
        C: not base64
        S: a BAD That is not valid base64
        C: b AUTHENTICATE LOGIN
        S: + VXNlcm5hbWU6
        C: YWxpY2U=
        S: + UGFzc3dvcmQ6
        C: c2VjcmV0
        login alice secret -> accepted Welcome
        S: b OK Welcome
        relay
        """
    )


def test_sasl_06_a_response_of_12288_bytes_is_taken_inline_and_on_its_own_line():
    password = "x" * (12288 // 4 * 3 - 7)
    response = plain(f"\0alice\0{password}".encode())
    assert len(response) == 12288
    for said in (f"C: a AUTHENTICATE PLAIN {response}", f"C: a AUTHENTICATE PLAIN\nS: +\\x20\nC: {response}"):
        over_tls(f"{said}\nlogin alice {password} -> accepted Welcome\nS: a OK Welcome\nrelay", cuts=(whole,))


@pytest.mark.parametrize("size", [16385, 65536])
def test_sasl_06_a_longer_one_ends_the_connection_at_the_cap(size):
    over_tls(
        rf"""
        C: a AUTHENTICATE PLAIN
        S: +\x20
        C: {"A" * size}
        S: * BYE Line too long
        error: line too long
        """,
        cuts=(whole,),
    )


def test_sasl_08_mechanisms_may_be_changed_after_each_failure():
    refusals = 50
    attempt = """
    C: a AUTHENTICATE PLAIN AGFsaWNlAG9sZA==
    login alice old -> rejected Wrong
    S: a NO [AUTHENTICATIONFAILED] Wrong
    C: b AUTHENTICATE LOGIN YWxpY2U=
    S: + UGFzc3dvcmQ6
    C: b2xk
    login alice old -> rejected Wrong
    S: b NO [AUTHENTICATIONFAILED] Wrong
    C: c LOGIN alice old
    login alice old -> rejected Wrong
    S: c NO [AUTHENTICATIONFAILED] Wrong
    """
    last = """
    C: d LOGIN alice new
    login alice new -> accepted Welcome
    S: d OK Welcome
    relay
    """
    over_tls(attempt * refusals + last, failed_logins=3 * refusals + 1)


@pytest.mark.parametrize(
    "mechanism", ["EXTERNAL", "NTLM", "GSSAPI", "CRAM-MD5", "XOAUTH2", "ANONYMOUS", "PLAIN\\x00"]
)
def test_sasl_08_a_mechanism_that_is_not_offered_asks_for_no_login(mechanism):
    complaint = "NO [CANNOT] The mechanisms offered are PLAIN and LOGIN"
    if mechanism.endswith("00"):
        complaint = "BAD AUTHENTICATE takes a mechanism and, if wanted, a response"
    over_tls(
        f"""
        C: a AUTHENTICATE {mechanism}
        S: a {complaint}
        C: b AUTHENTICATE {mechanism} AGFsaWNlAHNlY3JldA==
        S: b {complaint}
        """
    )


def test_sasl_09_a_second_login_after_the_first_is_the_backends_business():
    over_tls(
        r"""
        C: a LOGIN alice secret
        C: b LOGIN mallory secret
        login alice secret -> accepted Welcome
        S: a OK Welcome
        relay: b LOGIN mallory secret\r\n
        """
    )
