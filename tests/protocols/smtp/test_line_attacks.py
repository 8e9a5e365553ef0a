"""Attacks on the front with lines: other protocols, smuggled commands, length and junk."""

import pytest

from protocols import smtp
from protocols.terms import FrontTerms
from tests.protocols.play import whole
from tests.protocols.smtp.fronts import over_tls, with_starttls
from tests.protocols.talk import talk

EARLY = "S: 530 5.7.0 Authentication required: log in first"
HTTP = (
    b"POST /%3Cscript%3Ealert(1)%3C/script%3E HTTP/1.1\r\nHost: mail.test:465\r\n"
    b"Content-Type: text/plain\r\nX: <script>alert(1)</script>\r\n\r\n"
    b"EHLO evil\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\nMAIL FROM:<a@b>\r\n"
)
JUNK = [
    HTTP,
    b"GET / HTTP/1.1\r\n" * 9,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n" * 9,
    b"<script>alert(1)</script>\n" * 9,
    b"\r\n" * 9,
    b"a1 LOGIN alice secret\r\n" * 9,
    b"CAPA\r\nUSER alice\r\nPASS secret\r\nSTAT\r\n",
]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("starttls", [False, True])
def test_alpn_02_who_speaks_something_else_is_sent_away_after_three_lines_without_an_echo(junk, starttls):
    ended = talk(smtp.front(FrontTerms(tls=not starttls, starttls=starttls)), [junk])
    assert ended.end is None
    assert ended.logins == []
    greeting, *answers, end = ended.sent.split(b"\r\n")[:-1]
    assert greeting == b"220 localhost ESMTP Wicketgate ready"
    assert len(answers) == 3
    assert all(answer.startswith(b"530 5.7.0 ") for answer in answers)
    assert end == b"421 4.7.0 Too many bad commands"
    assert b"script" not in ended.sent
    assert b"HTTP" not in ended.sent


@pytest.mark.parametrize("verb", ["XCLIENT", "XFORWARD", "ETRN", "VRFY", "TURN", "xclient", "EXPN"])
@pytest.mark.parametrize("argument", ["", " LOGIN=admin", " ADDR=127.0.0.1 LOGIN=admin", " admin"])
def test_smug_16_such_commands_are_refused_and_are_never_a_login(verb, argument):
    over_tls(
        f"""
        C: {verb}{argument}
        {EARLY}
        C: MAIL FROM:<admin@example.test>
        {EARLY}
        C: NOOP
        S: 250 2.0.0 Nothing done
        """
    )
    with_starttls(
        f"""
        C: {verb}{argument}
        S: 530 5.7.0 Must issue a STARTTLS command first, then log in
        """
    )


@pytest.mark.parametrize(
    "line",
    [
        r"MAIL FROM:<a@b>\rRCPT TO:<c@d>",
        r"NOOP\rAUTH PLAIN AGFsaWNlAHNlY3JldA==",
        r"RSET \rAUTH PLAIN AGFsaWNlAHNlY3JldA==\rX",
        r"NOOP \x00AUTH PLAIN AGFsaWNlAHNlY3JldA==",
    ],
)
def test_smug_16_a_bare_cr_or_nul_begins_no_command(line):
    ended = talk(
        smtp.front(FrontTerms()), [line.encode().decode("unicode_escape").encode("latin-1") + b"\r\nQUIT\r\n"]
    )
    assert ended.logins == []
    assert ended.sent.count(b"\r\n") == 3  # the greeting, one answer, the goodbye


@pytest.mark.parametrize(
    "command",
    [r"NOOP\r", r"NOOP\x00", r"QUIT\r", r"NO\rOP", r"\x00QUIT", r"\xffQUIT", " QUIT", r"\tQUIT", "QUIT;"],
)
def test_smug_16_control_characters_in_a_verb_make_no_command(command):
    over_tls(f"C: {command}\n{EARLY}\nC: NOOP\nS: 250 2.0.0 Nothing done")


@pytest.mark.parametrize("size", [12300, 16384, 65536])
@pytest.mark.parametrize("start", ["", "EHLO ", "NOOP ", "MAIL FROM:", r"\x00"])
def test_a_line_of_up_to_64_kib_is_refused_and_not_run(start, size):
    filled = start + "A" * (size - len(start.replace(r"\x00", "0")))
    over_tls(
        f"""
        C: {filled}
        S: 500 5.5.6 That line is too long: 12299 bytes are allowed
        C: NOOP
        S: 250 2.0.0 Nothing done
        """,
        cuts=(whole,),
    )


def test_lines_that_are_too_long_are_strange_commands():
    over_tls(
        f"C: {'A' * 12300}\nS: 500 5.5.6 That line is too long: 12299 bytes are allowed\n" * 3
        + "S: 421 4.7.0 Too many bad commands\nclosed",
        cuts=(whole,),
    )


@pytest.mark.parametrize("character", ["A", " ", r"\x00", r"\xff", r"\r"])
def test_a_line_without_end_is_cut_at_the_cap(character):
    over_tls(
        f"""
        C(raw): {character * 65540}
        S: 421 4.7.0 Line too long
        error: line too long
        """,
        cuts=(whole,),
    )


def test_a_line_of_just_12299_bytes_is_taken():
    name = "x" * (12299 - len("EHLO "))
    over_tls(
        f"""
        C: HELO {name}
        S: 250 mail.test
        C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
        login alice secret from {name} -> accepted
        S: 235 2.7.0 Authentication successful
        relay
        """,
        cuts=(whole,),
    )


@pytest.mark.parametrize(
    "chunk", [r"a AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n", r"QUIT\r\n", r"MAIL FROM:<a>\r\nx"]
)
@pytest.mark.parametrize("behind", ["", " LAST", "  last"])
def test_smug_15_octets_of_a_chunk_before_the_login_are_never_run_as_commands(chunk, behind):
    """RFC 3030, section 2: they come right behind BDAT, whatever the server says to it."""
    size = len(chunk.encode().decode("unicode_escape"))
    over_tls(f"C: BDAT {size}{behind}\nC(raw): {chunk}\n{EARLY}\nC: NOOP\nS: 250 2.0.0 Nothing done")


@pytest.mark.parametrize(
    "size", ["65537", "99999999999999999999", "", "x", "-1", "5 FIRST", "5 LAST x", "+5", "5,LAST"]
)
def test_smug_15_what_cannot_be_told_from_commands_ends_the_connection(size):
    sentence = "a chunk of a message before the login"
    over_tls(f"C: BDAT {size}\nS: 421 4.7.0 {sentence.capitalize()}\nerror: {sentence}")
