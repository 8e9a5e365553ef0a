"""`wicketgate user set-password`: from standard input, and never from the command line."""

import io
import sys

import pytest

FRITZ = "fritz@example.test"
GOOD = "four words in a row"


class _Input(io.TextIOWrapper):
    """Standard input that is no terminal."""


@pytest.fixture
def typed(monkeypatch):
    def type_in(words):
        monkeypatch.setattr(sys, "stdin", _Input(io.BytesIO(words)))

    return type_in


def test_a_line_of_standard_input_becomes_the_main_password(shell, typed):
    shell.add(FRITZ)
    typed(f"{GOOD}\nanother line\n".encode())
    said = shell("user", "set-password", FRITZ)
    assert said.out.startswith(f"{FRITZ} has a new main password.")
    assert GOOD not in said.out + said.err
    audited = shell("audit", "--json").out
    assert "main-password-set" in audited
    assert GOOD not in audited


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (b"", "15 to 1024 characters"),
        (b"short\n", "15 to 1024 characters"),
        (b"x" * 5000, "15 to 1024 characters"),
        (b"fritz@example.test\n", "too easy to guess"),
        (b"\xff" * 20, "isn't UTF-8"),
        (b"a row of words\0 and more\n", "no control characters"),
    ],
)
def test_what_can_be_none_is_told(shell, typed, words, told):
    shell.add(FRITZ)
    typed(words)
    assert told in shell("user", "set-password", FRITZ, code=1).err


def test_an_unknown_user_is_told(shell, typed):
    shell("db", "upgrade")
    typed(GOOD.encode())
    assert (
        "there is no user nobody@example.test"
        in shell("user", "set-password", "nobody@example.test", code=1).err
    )
