"""Attacks on the front with literals: their size, and what is inside."""

import pytest

from protocols import sieve
from protocols.dialogue import Credentials, LoginResult, Outcome, ProtocolError, Read
from protocols.sasl import encode
from protocols.terms import FrontTerms
from tests.protocols.play import whole
from tests.protocols.sieve.fronts import over_tls, with_starttls
from tests.protocols.talk import talk

TOO_LONG = 'S: BYE "Literal too long"\nerror: literal too long'
NO_COMMAND = 'S: NO "A command is a name and arguments: strings or atoms"'
EARLY = 'S: NO "Log in first: this command is for after the login"'
HUGE = [
    "16385",
    "2000000000",
    "4294967296",
    "9223372036854775808",
    "9" * 20,
    "9" * 4000,
    "9" * 16000,
    "0" * 30 + "16385",
]


@pytest.mark.parametrize("size", HUGE)
@pytest.mark.parametrize("plus", ["+", ""])
@pytest.mark.parametrize(
    "start", ['AUTHENTICATE "PLAIN" ', "AUTHENTICATE ", 'PUTSCRIPT "a" ', "NOOP ", "", "LOGOUT "]
)
def test_sieve_01_a_huge_literal_ends_the_connection_before_any_of_it_is_read(start, plus, size):
    """Nothing behind it may be run: nobody can tell where it ends."""
    over_tls(f"C: {start}{{{size}{plus}}}\n{TOO_LONG}")
    over_tls(f"C: {start}{{{size}{plus}}}\nC: LOGOUT\n{TOO_LONG}")
    with_starttls(f"C: {start}{{{size}{plus}}}\nC: LOGOUT\n{TOO_LONG}")


@pytest.mark.parametrize("size", HUGE)
@pytest.mark.parametrize("before", ['AUTHENTICATE "PLAIN"', 'AUTHENTICATE "LOGIN"'])
def test_sieve_01_so_does_one_that_answers_a_challenge(before, size):
    challenge = {'AUTHENTICATE "PLAIN"': '""', 'AUTHENTICATE "LOGIN"': '"VXNlcm5hbWU6"'}[before]
    over_tls(f"C: {before}\nS: {challenge}\nC: {{{size}+}}\n{TOO_LONG}")


def test_sieve_01_many_literals_in_one_command_end_it_too():
    literal = r"{16000+}\r\n" + "x" * 16000
    over_tls(f"C: NOOP {literal} {literal} {literal} {literal} {{2000+}}\n{TOO_LONG}", cuts=(whole,))


def test_sieve_01_of_literals_without_end_no_more_is_read_than_the_cap():
    front, taken = sieve.front(FrontTerms()), 0

    def feed():
        nonlocal taken
        chunk = None
        while True:
            request = front.send(chunk)
            chunk = b"NOOP {500+}\r\n" + b"x" * 500 + b" {500+}\r\n" if isinstance(request, Read) else None
            taken += len(chunk or b"")

    with pytest.raises(ProtocolError, match="literal too long"):
        feed()
    assert taken < 65536 + 2 * 1000


@pytest.mark.parametrize("size", ["-1", "", "+", "5++", "+5", "0x5", " 5", "5 ", "1e3", "5,5", "5}{"])
def test_sieve_01_what_only_looks_like_a_literal_is_none(size):
    over_tls(f'C: NOOP {{{size}}}\n{NO_COMMAND}\nC: NOOP\nS: OK "Done."')


def test_sieve_01_a_literal_of_just_the_cap_is_taken():
    text = "x" * 16384
    over_tls(f'C: NOOP {{16384+}}\nC(raw): {text}\\r\\n\nS: OK (TAG "{text}") "Done."', cuts=(whole,))


@pytest.mark.parametrize("size", [0, 1, 12288, 12292, 16384])
def test_sieve_01_a_response_of_any_size_up_to_the_cap_is_read_and_answered(size):
    ended = talk(
        sieve.front(FrontTerms()), [b'AUTHENTICATE "PLAIN" {%d+}\r\n%b\r\nLOGOUT\r\n' % (size, b"A" * size)]
    )
    assert ended.logins == []
    assert ended.sent.endswith(b'"\r\nOK "Goodbye."\r\n')
    assert ended.sent.count(b"\r\nNO ") == 1


@pytest.mark.parametrize(
    ("inside", "answer"),
    [
        (r'LOGOUT\r\nAUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\n', NO_COMMAND),
        (r"\r\nLOGOUT\r\n", NO_COMMAND),
        (r"\x00\x00", NO_COMMAND),
        (r"{5+}\r\nabcde", NO_COMMAND),
        (r'" "b', EARLY),
    ],
)
def test_sieve_03_what_is_inside_a_literal_is_never_a_command(inside, answer):
    size = len(inside.encode().decode("unicode_escape"))
    over_tls(
        f"""
        C(raw): PUTSCRIPT "a" {{{size}+}}\\r\\n{inside}\\r\\n
        {answer}
        C: NOOP
        S: OK "Done."
        """
    )


def test_sieve_03_a_huge_script_behind_the_login_is_left_for_the_relay_unread():
    login = b'AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\n'
    script = b'PUTSCRIPT "a" {400000000+}\r\n' + b"#" * 5000
    ended = talk(
        sieve.front(FrontTerms()), [login + script], results=[LoginResult(Outcome.ACCEPTED, b"Hello")]
    )
    assert [one.credentials for one in ended.logins] == [Credentials(b"alice", b"secret")]
    assert ended.left == script


@pytest.mark.parametrize("value", ['a"b', "a\\b", '"', "\\", '\\"', "{5}", '" "', "", " "])
def test_quotes_and_backslashes_are_the_same_in_both_ways_to_write_a_string(value):
    quoted = b'"' + value.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    literal = b"{%d+}\r\n%b" % (len(value), value.encode())
    talks = [talk(sieve.front(FrontTerms()), [b"NOOP " + one + b"\r\n"]) for one in (quoted, literal)]
    assert talks[0] == talks[1]
    assert talks[0].sent.endswith(b"\r\nOK (TAG " + quoted + b') "Done."\r\n')


@pytest.mark.parametrize("response", [b"AGFsaWNlAHNlY3JldA==", encode(b"\0al\r\nice\0\r\n")])
def test_a_response_is_the_same_in_both_ways_to_write_it(response):
    said = [b'"%b"' % response, b"{%d+}\r\n%b" % (len(response), response)]
    talks = [talk(sieve.front(FrontTerms()), [b'AUTHENTICATE "PLAIN" ' + one + b"\r\n"]) for one in said]
    assert talks[0] == talks[1]
    assert len(talks[0].logins) == 1
