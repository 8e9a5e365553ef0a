"""Attacks on the front with lines: other protocols, smuggled commands, length and junk."""

import pytest

from protocols import pop3
from protocols.terms import FrontTerms
from tests.protocols.play import whole
from tests.protocols.pop3.fronts import over_tls, with_starttls
from tests.protocols.talk import talk

UNKNOWN = "S: -ERR Unknown command. Log in with USER and PASS, or with AUTH"
HTTP = (
    b"POST /%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1\r\nHost: mail.test:995\r\n"
    b"Content-Type: text/plain\r\nX: <script>alert(1)</script>\r\n\r\n"
    b"USER alice\r\nPASS secret\r\nSTAT\r\n"
)
JUNK = [
    HTTP,
    b"GET / HTTP/1.1\r\n" * 9,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n" * 9,
    b"<script>alert(1)</script>\n" * 9,
    b"\r\n" * 9,
    b"a1 LOGIN alice secret\r\n" * 9,
    b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n",
]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("starttls", [False, True])
def test_alpn_02_who_speaks_something_else_is_sent_away_after_three_lines_without_an_echo(junk, starttls):
    ended = talk(pop3.front(FrontTerms(tls=not starttls, starttls=starttls)), [junk])
    assert ended.end is None
    assert ended.logins == []
    greeting, *answers, end = ended.sent.split(b"\r\n")[:-1]
    assert greeting == b"+OK Wicketgate ready."
    assert answers == [b"-ERR Unknown command. Log in with USER and PASS, or with AUTH"] * 3
    assert end == b"-ERR Too many bad commands"


@pytest.mark.parametrize("verb", ["XCLIENT", "xclient", "XFORWARD", "PROXY", "XTND"])
@pytest.mark.parametrize(
    "argument", ["", " ADDR=127.0.0.1 PORT=1", " LOGIN=admin", " TCP4 127.0.0.1 127.0.0.1 1 1"]
)
def test_smug_16_what_backends_are_told_by_us_is_not_for_clients(verb, argument):
    for listener in (over_tls, with_starttls):
        listener(f"C: {verb}{argument}\n{UNKNOWN}")


@pytest.mark.parametrize(
    "line",
    [
        b"CAPA\rUSER alice\rPASS secret",
        b"CAPA \rAUTH PLAIN AGFsaWNlAHNlY3JldA==",
        b"CAPA \rAUTH PLAIN AGFsaWNlAHNlY3JldA==\rX",
        b"CAPA \0AUTH PLAIN AGFsaWNlAHNlY3JldA==",
        b"USER alice\rPASS secret",
        b"USER alice\0PASS secret",
    ],
)
def test_smug_16_a_bare_cr_or_nul_begins_no_command(line):
    ended = talk(pop3.front(FrontTerms()), [line + b"\r\nQUIT\r\n"])
    assert ended.logins == []
    assert ended.end is None
    assert ended.sent.endswith(b"+OK Goodbye\r\n")
    assert ended.sent.count(b"+OK") + ended.sent.count(b"-ERR") == 3  # the greeting, one answer, the goodbye


@pytest.mark.parametrize(
    "command",
    [
        r"CAPA\r",
        r"CAPA\x00",
        r"QUIT\r",
        r"CA\rPA",
        r"\x00QUIT",
        r"\xffQUIT",
        " QUIT",
        r"\tQUIT",
        "QUIT;",
        r"USER\talice",
    ],
)
def test_smug_16_control_characters_in_a_verb_make_no_command(command):
    over_tls(f"C: {command}\n{UNKNOWN}\nC: QUIT\nS: +OK Goodbye\nclosed")


@pytest.mark.parametrize("character", ["A", " ", r"\x00", r"\xff", r"\r"])
@pytest.mark.parametrize("start", ["", "USER ", "CAPA "])
def test_a_line_without_end_is_cut_at_the_cap(start, character):
    over_tls(
        f"""
        C(raw): {start}{character * 12310}
        S: -ERR Line too long
        error: line too long
        """,
        cuts=(whole,),
    )


def test_a_line_of_just_the_cap_is_taken_and_one_byte_more_is_not():
    name = "x" * (12299 - len("USER "))
    over_tls(
        f"""
        C: USER {name}
        S: +OK Now the password
        C: PASS secret
        login {name} secret -> accepted Welcome
        S: +OK Welcome
        relay
        """,
        cuts=(whole,),
    )
    over_tls(f"C: USER {name}x\nS: -ERR Line too long\nerror: line too long", cuts=(whole,))
