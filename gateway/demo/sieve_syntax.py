"""Looks whether a text could be a Sieve script: by its tokens, brackets and ends (RFC 5228, section 8.1).

What the commands mean, nobody here knows: the demo keeps scripts and runs none.
"""

import re

_TOKEN = re.compile(
    rb"[ \t\r\n]+|\#[^\n]*|/\*.*?\*/"
    rb"|text:[ \t]*(?:\#[^\n]*)?\r?\n(?:(?!\.\r?\n)[^\n]*\n)*\.\r?\n"
    rb'|"(?:[^"\\\0]|\\.)*"'
    rb"|(?P<word>:?[A-Za-z_][A-Za-z0-9_]*|[0-9]+[KMGkmg]?)"
    rb"|(?P<mark>[\[\](){};,])",
    re.DOTALL,
)
_CLOSES = {b"]": b"[", b")": b"(", b"}": b"{"}


def fault(script: bytes) -> str:
    """What is wrong, with the number of the line, or "" if nothing is."""
    try:
        script.decode()
    except UnicodeDecodeError:
        return "line 1: a script is UTF-8, and this is not"
    at, opened, ended = 0, list[bytes](), True
    while at < len(script):
        match = _TOKEN.match(script, at)
        if match is None:
            return f"{_line(script, at)}: no word, string or sign of Sieve begins here"
        mark = match["mark"]
        if mark in _CLOSES and (not opened or opened.pop() != _CLOSES[mark]):
            return f"{_line(script, at)}: nothing is open that could be closed here"
        opened += [mark] if mark in _CLOSES.values() else []
        if not match[0].isspace() and match[0][:1] not in b"#/":
            ended = mark in (b";", b"}")
        at = match.end()
    if opened or not ended:
        return f"{_line(script, at)}: the script ends before its last command does"
    return ""


def _line(script: bytes, at: int) -> str:
    return f"line {script[:at].count(10) + 1}"
