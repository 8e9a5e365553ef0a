"""Attacks on the front with lines: other protocols, smuggled commands, length and junk."""

import pytest

from protocols import sieve
from protocols.terms import FrontTerms
from tests.protocols.play import whole
from tests.protocols.sieve.fronts import over_tls, with_starttls
from tests.protocols.talk import talk

UNKNOWN = 'S: NO "Unknown command, or arguments that it doesn\'t take"'
NO_COMMAND = 'S: NO "A command is a name and arguments: strings or atoms"'
HTTP = (
    b"POST /%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1\r\nHost: mail.test:4190\r\n"
    b"Content-Type: text/plain\r\nX: <script>alert(1)</script>\r\n\r\n"
    b'NOOP "<script>alert(1)</script>"\r\nAUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\r\n'
)
JUNK = [
    HTTP,
    b"GET / HTTP/1.1\r\n" * 9,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n" * 9,
    b"<script>alert(1)</script>\n" * 9,
    b"\r\n" * 9,
    b"a1 LOGIN alice secret\r\n" * 9,
    b"USER alice\r\nPASS secret\r\nSTAT\r\nLIST\r\n",
    b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n",
]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("starttls", [False, True])
def test_alpn_02_who_speaks_something_else_is_sent_away_after_three_lines_without_an_echo(junk, starttls):
    terms = FrontTerms(tls=not starttls, starttls=starttls)
    greeting = talk(sieve.front(terms), []).sent
    ended = talk(sieve.front(terms), [junk])
    assert ended.end is None
    assert ended.logins == []
    *answers, end = ended.sent.removeprefix(greeting).split(b"\r\n")[:-1]
    assert len(answers) == 3
    assert all(f"S: {answer.decode()}" in (UNKNOWN, NO_COMMAND) for answer in answers)
    assert end == b'BYE "Too many bad commands"'


@pytest.mark.parametrize("verb", ["XCLIENT", "xclient", "UNAUTHENTICATE", "PROXY", "ID"])
@pytest.mark.parametrize("argument", ["", " ADDR=127.0.0.1 PORT=1", ' "LOGIN=admin"'])
def test_smug_16_what_backends_are_told_by_us_is_not_for_clients(verb, argument):
    for listener in (over_tls, with_starttls):
        listener(f"C: {verb}{argument}\n{UNKNOWN}")


@pytest.mark.parametrize(
    "line",
    [
        b'NOOP\rAUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="',
        b'NOOP \rAUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="\rX',
        b'NOOP \0AUTHENTICATE "PLAIN" "AGFsaWNlAHNlY3JldA=="',
        b'NOOP "\rAUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==\r"',
        b'AUTHENTICATE "PLAIN"\r"AGFsaWNlAHNlY3JldA=="',
        b'AUTHENTICATE "PLAIN" "AGFs\raWNlAHNlY3JldA=="',
    ],
)
def test_smug_16_a_bare_cr_or_nul_begins_no_command(line):
    ended = talk(sieve.front(FrontTerms()), [line + b"\r\nLOGOUT\r\n"])
    greeting = talk(sieve.front(FrontTerms()), []).sent
    assert ended.logins == []
    assert ended.end is None
    assert ended.sent == greeting + NO_COMMAND.removeprefix("S: ").encode() + b'\r\nOK "Goodbye."\r\n'


@pytest.mark.parametrize(
    "command",
    [
        r"NOOP\r",
        r"NOOP\x00",
        r"LOGOUT\r",
        r"NO\rOP",
        r"\x00LOGOUT",
        r"\xffLOGOUT",
        r"LOGOUT\xff",
        " LOGOUT",
        r"\tLOGOUT",
        r"NOOP\t",
        "LOGOUT;",
        "LOGOUT-",
        "X" * 32,
    ],
)
def test_smug_16_control_characters_in_a_name_make_no_command(command):
    over_tls(f'C: {command}\n{NO_COMMAND}\nC: LOGOUT\nS: OK "Goodbye."\nclosed')


@pytest.mark.parametrize("character", ["A", " ", '"', "(", "{", r"\\", r"\x00", r"\xff", r"\r"])
@pytest.mark.parametrize("start", ["", "NOOP ", 'NOOP "', 'AUTHENTICATE "PLAIN" "'])
def test_a_line_without_end_is_cut_at_the_cap(start, character):
    over_tls(
        f"""
        C(raw): {start}{character * 16400}
        S: BYE "Line too long"
        error: line too long
        """,
        cuts=(whole,),
    )


def test_a_line_of_just_the_cap_is_taken_and_one_byte_more_is_not():
    tag = "x" * (16384 - len('NOOP ""'))
    over_tls(f'C: NOOP "{tag}"\nS: OK (TAG "{tag}") "Done."', cuts=(whole,))
    over_tls(f'C: NOOP "{tag}x"\nS: BYE "Line too long"\nerror: line too long', cuts=(whole,))


@pytest.mark.parametrize(
    "nested", ["(" * 16000, ")" * 16000, "()" * 8000, '"' * 15999, r"\\" * 8000, '" ' * 8000]
)
def test_nesting_and_open_quotes_are_refused_and_cost_nothing(nested):
    over_tls(f'C: NOOP {nested}"(\n{NO_COMMAND}\nC: NOOP\nS: OK "Done."', cuts=(whole,))
