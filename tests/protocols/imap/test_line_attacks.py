"""Attacks on the front with lines: nesting, length, junk and tags."""

import pytest

from protocols import imap
from protocols.terms import FrontTerms
from tests.protocols.imap.fronts import over_tls
from tests.protocols.play import whole
from tests.protocols.talk import talk


@pytest.mark.parametrize(
    "nested", ["(" * 16000, ")" * 16000, "()" * 8000, '"' * 15999, "{" * 16000, "(" * 8000 + ")" * 8000]
)
def test_imap_04_nesting_is_bad_and_costs_nothing(nested):
    over_tls(
        f"""
        C: a ID {nested}
        S: a BAD ID takes NIL or a list such as ("name" "x" "version" "1")
        C: b NOOP
        S: b OK Nothing done
        """,
        cuts=(whole,),
    )


@pytest.mark.parametrize("character", ["(", ")", '"', "a", r"\x00", r"\xff", " "])
def test_imap_05_line_without_end_is_cut_at_the_cap(character):
    over_tls(
        f"""
        C(raw): a LOGIN {character * 16400}
        S: * BYE Line too long
        error: line too long
        """,
        cuts=(whole,),
    )


def test_imap_05_a_line_of_just_the_cap_is_taken_and_one_byte_more_is_not():
    room = 16384 - len("a LOGIN alice ")
    over_tls(
        rf"""
        C: a LOGIN alice {"x" * room}
        login alice {"x" * room} -> accepted
        S: a OK\x20
        relay
        """
    )
    over_tls(
        f"""
        C: a LOGIN alice {"x" * (room + 1)}
        S: * BYE Line too long
        error: line too long
        """,
        cuts=(whole,),
    )


@pytest.mark.parametrize(
    "junk",
    ["GET / HTTP/1.1", "<script>alert(1)</script>", r"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "x"],
)
def test_imap_06_three_bad_commands_end_the_connection_without_an_echo(junk):
    ended = talk(
        imap.front(FrontTerms()), [(junk + "\r\n").encode().decode("unicode_escape").encode("latin-1") * 9]
    )
    answers = ended.sent
    assert answers.count(b" BAD ") == 3
    assert answers.endswith(b"* BYE Too many bad commands\r\n")
    assert b"script" not in answers
    assert b"HTTP" not in answers


def test_imap_06_bad_commands_are_counted_together_whatever_is_bad():
    over_tls(
        """
        C: a FROB
        S: a BAD Log in first: this command is unknown before the login
        C: b AUTHENTICATE NTLM
        S: b NO [CANNOT] The mechanisms offered are PLAIN and LOGIN
        C: c NOOP
        S: c OK Nothing done
        C: d LOGIN
        S: d BAD LOGIN takes a user name and a password
        S: * BYE Too many bad commands
        closed
        """
    )


@pytest.mark.parametrize(
    "tag",
    [
        "*",
        "+",
        "+1",
        "a+",
        "a*",
        "x" * 65,
        "x" * 1024,
        r"a\rb",
        r"a\x00b",
        "(a)",
        'a"b',
        r"a\\b",
        "<b>",
        "a{1}",
        r"\xe9",
        "a%",
    ],
)
def test_imap_08_a_tag_that_is_none_is_bad_and_not_sent_back(tag):
    over_tls(
        f"""
        C: {tag} NOOP
        S: * BAD A command is a tag, a name and arguments
        """
    )


def test_imap_08_a_tag_may_have_64_characters():
    over_tls(
        f"""
        C: {"x" * 64} NOOP
        S: {"x" * 64} OK Nothing done
        """
    )


@pytest.mark.parametrize("command", [r"NOOP\r", r"NOOP\x00", r"LOGOUT\r", r"NO\rOP"])
def test_imap_08_control_characters_in_a_name_make_no_command(command):
    over_tls(
        f"""
        C: a {command}
        S: a BAD Log in first: this command is unknown before the login
        """
    )
