"""On which line each key of a TOML document stands; tomllib does not tell.

The document has been read by tomllib before, so it is known to be valid: the scanner only follows it.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping

from config.key import Key

BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
KEY_PART = re.compile(r"""[ \t]*([A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')[ \t]*""")
STRING = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'''
    r"""|'''(?:[^']|'(?!''))*'{3,5}"""
    r'''|"(?:[^"\\\n]|\\.)*"'''
    r"""|'[^'\n]*'""",
    re.DOTALL,
)
SCALAR = re.compile(r"[^,\]}#\n]+")  # number, boolean or date; a date may hold a space


def key_lines(text: str) -> Mapping[Key, int]:
    """The first line of every table, key and item of a list, counted from 1. `text` must be valid TOML."""
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.lines


class _Scanner:
    """Walks over the document once; `lines` is the result."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Key, int] = {}
        self._text = text
        self._at = 0
        self._line_ends = [match.start() for match in re.finditer("\n", text)]
        self._last_item: dict[Key, int] = {}  # index of the newest table of each [[list]]

    def document(self) -> None:
        """Tables, and the keys in them."""
        table: Key = ()
        self._skip(BLANK)
        while self._at < len(self._text):
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
            self._skip(BLANK)

    def _header(self) -> Key:
        line, is_item = self._line(), self._peek("[[")
        self._at += 2 if is_item else 1
        *parents, name = self._name()
        self._at += 2 if is_item else 1
        key = (*self._existing(tuple(parents)), name)
        if is_item:
            self._mark(key, line)
            self._last_item[key] = self._last_item.get(key, -1) + 1
        key = self._existing((name,), key[:-1])
        self._mark(key, line)
        return key

    def _existing(self, names: tuple[str, ...], start: Key = ()) -> Key:
        """A header that goes through a [[list]] means its newest table."""
        key, line = start, self._line()
        for name in names:
            key = (*key, name)
            self._mark(key, line)
            if key in self._last_item:
                key = (*key, self._last_item[key])
        return key

    def _pair(self, table: Key) -> None:
        line, key = self._line(), table
        for name in self._name():
            key = (*key, name)
            self._mark(key, line)
        self._at += 1  # the equals sign
        self._skip(BLANK)
        self._value(key)

    def _name(self) -> tuple[str, ...]:
        """A dotted key, without what follows it."""
        parts: list[str] = []
        while match := KEY_PART.match(self._text, self._at):
            self._at = match.end()
            parts.append(_unquoted(match[1]))
            if not self._peek("."):
                break
            self._at += 1
        return tuple(parts)

    def _value(self, key: Key) -> None:
        if self._peek("["):
            self._list(key)
        elif self._peek("{"):
            self._inline_table(key)
        elif self._peek('"') or self._peek("'"):
            self._skip(STRING)
        else:
            self._skip(SCALAR)

    def _list(self, key: Key) -> None:
        index = 0
        self._open()
        while not self._peek("]"):
            self._mark((*key, index), self._line())
            self._value((*key, index))
            index += 1
            self._next_item()
        self._at += 1

    def _inline_table(self, key: Key) -> None:
        self._open()
        while not self._peek("}"):
            self._pair(key)
            self._next_item()
        self._at += 1

    def _open(self) -> None:
        self._at += 1
        self._skip(BLANK)

    def _next_item(self) -> None:
        self._skip(BLANK)
        if self._peek(","):
            self._open()

    def _mark(self, key: Key, line: int) -> None:
        self.lines.setdefault(key, line)

    def _line(self) -> int:
        return bisect_right(self._line_ends, self._at - 1) + 1

    def _peek(self, text: str) -> bool:
        return self._text.startswith(text, self._at)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"this is not valid TOML at line {self._line()}")
        self._at = match.end()


def _unquoted(part: str) -> str:
    """The name that a part of a key stands for; tomllib knows the escapes."""
    return next(iter(tomllib.loads(f"{part} = 0"))) if part[0] in "\"'" else part
