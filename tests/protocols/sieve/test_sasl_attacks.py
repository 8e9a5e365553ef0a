"""The attacks on SASL, as the front answers them."""

import pytest

from protocols import sieve
from protocols.dialogue import ProtocolError, Read, Send
from protocols.sasl import encode
from protocols.terms import FrontTerms
from tests.protocols.play import whole
from tests.protocols.sieve.fronts import over_tls

WELCOME = 'S: OK "Welcome"\nrelay'
GOOD = f"""
C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
login alice secret -> accepted Welcome
{WELCOME}
"""
NOT_BASE64 = "That is not valid base64"


def plain(message):
    return encode(message).decode()


def test_sasl_01_control_characters_reach_the_judge_and_no_reply():
    message = plain(b"\0al\r\nice\0pw\r\nLOGOUT")
    username, password = plain(b"\0\r\n\x7f"), plain(b"\r\nLOGOUT")
    over_tls(
        rf"""
        C: AUTHENTICATE "PLAIN" "{message}"
        login al\r\nice pw\r\nLOGOUT -> rejected Wrong
        S: NO "Wrong"
        C: AUTHENTICATE "LOGIN"
        S: "VXNlcm5hbWU6"
        C: "{username}"
        S: "UGFzc3dvcmQ6"
        C: "{password}"
        login \x00\r\n\x7f \r\nLOGOUT -> rejected Wrong
        S: NO "Wrong"
        """
    )


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (b"victim\0attacker\0pw", "Logging in on behalf of another user is not offered"),
        (b"ALICE\0alice\0pw", "Logging in on behalf of another user is not offered"),
        (b"admin\0\0password", "That is not a valid response for this mechanism"),
        (b"", "That is not a valid response for this mechanism"),
        (b"alice", "That is not a valid response for this mechanism"),
        (b"alice\0pw", "That is not a valid response for this mechanism"),
        (b"\0alice\0pw\0", "That is not a valid response for this mechanism"),
        (b"\0\0", "That is not a valid response for this mechanism"),
        (b"\0\0pw", "That is not a valid response for this mechanism"),
    ],
)
def test_sasl_02_03_04_such_a_message_is_refused_and_asks_for_no_login(message, complaint):
    over_tls(
        f"""
        C: AUTHENTICATE "PLAIN" "{plain(message)}"
        S: NO "{complaint}"
        C: AUTHENTICATE "PLAIN"
        S: ""
        C: "{plain(message)}"
        S: NO "{complaint}"
        C: NOOP
        S: OK "Done."
        """
    )


def test_sasl_04_empty_values_reach_the_judge():
    over_tls(
        """
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAA=="
        login alice "" -> rejected Wrong
        S: NO "Wrong"
        C: AUTHENTICATE "LOGIN"
        S: "VXNlcm5hbWU6"
        C: ""
        S: "UGFzc3dvcmQ6"
        C: {0+}
        C:
        login "" "" -> rejected Wrong
        S: NO "Wrong"
        """
    )


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('"not base64"', NOT_BASE64),
        ('"AGFsaWNlAHNlY3JldA"', NOT_BASE64),
        ('"AGFsaWNlAHNlY3JldA="', NOT_BASE64),
        ('"AGFsaWNlAHNlY3JldA== "', NOT_BASE64),
        ('" AGFsaWNlAHNlY3JldA=="', NOT_BASE64),
        ('"AGFsaWNlAHNlY3JldB=="', NOT_BASE64),
        (r'"AGFsaWNlAHNlY3JldA==\r"', NOT_BASE64),
        (r'"AGFsaWNlAHNlY3JldA==\x00"', NOT_BASE64),
        (r"{22+}\r\nAGFsaWNlAHNlY3JldA==\r\n", NOT_BASE64),
        ('"="', NOT_BASE64),
        ('"+"', NOT_BASE64),
        ('"**"', NOT_BASE64),
        ('"*"', "The login was cancelled"),
        (r"{1+}\r\n*", "The login was cancelled"),
        ('""', "That is not a valid response for this mechanism"),
    ],
)
def test_sasl_05_what_is_not_exactly_a_response_is_refused_and_the_next_login_is_good(line, complaint):
    over_tls(f'C: AUTHENTICATE "PLAIN"\nS: ""\nC: {line}\nS: NO "{complaint}"{GOOD}')


@pytest.mark.parametrize(
    "line",
    [
        "",
        "AGFsaWNlAHNlY3JldA==",
        "*",
        "NOOP",
        "LOGOUT",
        'AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="',
        '"AGFsaWNl" "AHNlY3JldA=="',
        '"AGFsaWNlAHNlY3JldA==',
        'AGFsaWNlAHNlY3JldA=="',
        ' "AGFsaWNlAHNlY3JldA=="',
        '"AGFsaWNlAHNlY3JldA=="x',
        r"x{20+}\r\nAGFsaWNlAHNlY3JldA==",
    ],
)
def test_sasl_05_an_answer_that_is_no_string_is_neither_a_response_nor_a_command(line):
    """A command such as NOOP is base64 too: it must not become a user name."""
    for mechanism, challenge in (("PLAIN", ""), ("LOGIN", "VXNlcm5hbWU6")):
        over_tls(f'C: AUTHENTICATE "{mechanism}"\nS: "{challenge}"\nC: {line}\nS: NO "{NOT_BASE64}"{GOOD}')


@pytest.mark.parametrize(("broken", "complaint"), [("*", "The login was cancelled"), ("!", NOT_BASE64)])
def test_sasl_05_nothing_of_a_broken_exchange_is_left_for_the_next(broken, complaint):
    over_tls(
        f"""
        C: AUTHENTICATE "LOGIN"
        S: "VXNlcm5hbWU6"
        C: "bWFsbG9yeQ=="
        S: "UGFzc3dvcmQ6"
        C: "{broken}"
        S: NO "{complaint}"
        C: AUTHENTICATE "LOGIN"
        S: "VXNlcm5hbWU6"
        C: "YWxpY2U="
        S: "UGFzc3dvcmQ6"
        C: "c2VjcmV0"
        login alice secret -> accepted Welcome
        """
        + WELCOME
    )


def ways_to_say(response):
    yield f'C: AUTHENTICATE "PLAIN" "{response}"'
    yield f'C: AUTHENTICATE "PLAIN" {{{len(response)}+}}\nC: {response}'
    yield f'C: AUTHENTICATE "PLAIN"\nS: ""\nC: "{response}"'
    yield f'C: AUTHENTICATE "PLAIN"\nS: ""\nC: {{{len(response)}+}}\nC: {response}'


def test_sasl_06_a_response_of_12288_bytes_is_taken_inline_and_on_its_own_line():
    password = "x" * (12288 // 4 * 3 - 7)
    response = plain(f"\0alice\0{password}".encode())
    assert len(response) == 12288
    for said in ways_to_say(response):
        over_tls(f"{said}\nlogin alice {password} -> accepted Welcome\n{WELCOME}", cuts=(whole,))


@pytest.mark.parametrize("size", [12289, 12292, 16300])
def test_sasl_06_a_longer_one_is_refused_and_the_connection_goes_on(size):
    for said in ways_to_say("A" * size):
        over_tls(f'{said}\nS: NO "That is too long: a response may have 12288 bytes"{GOOD}', cuts=(whole,))


@pytest.mark.parametrize("size", [16385, 65536])
def test_sasl_06_one_beyond_the_cap_ends_the_connection(size):
    for said in ways_to_say("A" * size):
        kind = "literal" if "+" in said else "line"
        over_tls(f'{said}\nS: BYE "{kind.title()} too long"\nerror: {kind} too long', cuts=(whole,))


@pytest.mark.parametrize("before", [b'AUTHENTICATE "PLAIN"\r\n', b'AUTHENTICATE "PLAIN" "', b'"', b""])
def test_sasl_06_one_without_an_end_is_read_no_further_than_to_the_cap(before):
    front, taken, said = sieve.front(FrontTerms()), 0, b""

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
    assert taken < 16384 + 2 * 1000
    assert said.endswith(b'BYE "Line too long"\r\n')


def test_sasl_08_mechanisms_may_be_changed_after_each_failure():
    refusals = 50
    attempt = """
    C: AUTHENTICATE "PLAIN" "AGFsaWNlAG9sZA=="
    login alice old -> rejected Wrong
    S: NO "Wrong"
    C: AUTHENTICATE "LOGIN" "YWxpY2U="
    S: "UGFzc3dvcmQ6"
    C: "b2xk"
    login alice old -> rejected Wrong
    S: NO "Wrong"
    """
    over_tls(attempt * refusals + GOOD, failed_logins=2 * refusals + 1)


@pytest.mark.parametrize(
    "mechanism",
    ["EXTERNAL", "NTLM", "GSSAPI", "CRAM-MD5", "DIGEST-MD5", "XOAUTH2", "ANONYMOUS", "LOGIN;", "PLAIN PLAIN"],
)
@pytest.mark.parametrize("response", ["", ' "AGFsaWNlAHNlY3JldA=="', ' "="'])
def test_sasl_08_a_mechanism_that_is_not_offered_asks_for_no_login(mechanism, response):
    over_tls(
        f"""
        C: AUTHENTICATE "{mechanism}"{response}
        S: NO "The mechanisms offered are PLAIN and LOGIN"
        C: NOOP
        S: OK "Done."
        """
    )


def test_sasl_09_a_second_login_after_the_first_is_the_backends_business():
    over_tls(
        r"""
        C: AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="
        C: AUTHENTICATE "PLAIN" "AG1hbGxvcnkAc2VjcmV0"
        login alice secret -> accepted Welcome
        S: OK "Welcome"
        relay: AUTHENTICATE "PLAIN" "AG1hbGxvcnkAc2VjcmV0"\r\n
        """
    )


@pytest.mark.parametrize("size", [64, 72, 73, 128, 1024])
def test_sasl_11_a_long_password_reaches_the_judge_in_full(size):
    password = "x" * (size - 1) + "!"
    message = plain(b"\0alice\0" + password.encode())
    over_tls(
        f"""
        C: AUTHENTICATE "PLAIN" "{message}"
        login alice {password} -> rejected Wrong
        S: NO "Wrong"
        C: AUTHENTICATE "LOGIN" "YWxpY2U="
        S: "UGFzc3dvcmQ6"
        C: "{plain(password.encode())}"
        login alice {password} -> accepted Welcome
        """
        + WELCOME
    )


@pytest.mark.parametrize(
    "username", ["%u", "%{user}", "$(id)", "{0}", "a'--", "*)(uid=*", "a,ou=x", r"a\\2a", "${jndi:x}", "{5+}"]
)
def test_sasl_12_a_user_name_is_nothing_but_bytes(username):
    message = plain(b"\0" + username.replace(r"\\", "\\").encode() + b"\0pw")
    over_tls(f'C: AUTHENTICATE "PLAIN" "{message}"\nlogin {username} pw -> rejected Wrong\nS: NO "Wrong"')
