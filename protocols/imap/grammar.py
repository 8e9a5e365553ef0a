"""How IMAP writes commands and strings: quoted strings, literals, atoms (RFC 9051, section 9)."""

import re
from dataclasses import dataclass

from protocols.dialogue import Buffer, Dialogue, ProtocolError, Send

MAX_LINE = 16384  # a base64 response of SASL's 12,288 octets fits
MAX_LITERAL = 4096  # RFC 7888, section 5: what LITERAL- promises
MAX_COMMAND = 65536  # lines and literals of one command together
GO_AHEAD = b"+ OK\r\n"

# RFC 9051 allows more in a tag. Left out is what a browser would take for markup if it were sent back.
_TAG = re.compile(rb"[A-Za-z0-9!#$',./:;=?@^_`|~-]{1,64}")
# One that waits has to stand apart, since a password may look like one. The bytes of one that doesn't wait
# come in any case, and must not be run as commands, so it is one wherever it stands.
_LITERAL = re.compile(rb"(?:.*[ (])?\{([0-9]+)\}|.*\{([0-9]+)(\+)\}", re.DOTALL)
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\0]|\\["\\])*)"')
_QUOTED_SPECIAL = re.compile(rb'(["\\])')
_UNQUOTABLE = re.compile(rb"[^\x20-\x7e]")


@dataclass(frozen=True, slots=True)
class Word:
    """One argument. `bare`: it stood there as it is, without quotes and not as a literal."""

    value: bytes
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a command: its tag, its name in capitals and the rest of its first line."""

    tag: bytes
    name: bytes
    rest: bytes


def parse_head(line: bytes) -> Head | None:
    """None when there is no proper tag, or no name behind it."""
    tag, _, command = line.partition(b" ")
    name, space, rest = command.partition(b" ")
    if not name or b"{" in name or not _TAG.fullmatch(tag):
        return None
    return Head(tag, name.upper(), space + rest)


def literal_at_end(text: bytes) -> tuple[int, bool] | None:
    """The size of the literal that `text` announces at its end, and whether it needs no go-ahead."""
    if not text.endswith(b"}"):
        return None
    match = _LITERAL.fullmatch(text)
    if not match:
        return None
    digits = (match[1] or match[2]).lstrip(b"0") or b"0"
    size = int(digits) if len(digits) < 12 else 10**12
    return size, match[3] == b"+"


def read_parts(buffer: Buffer, text: bytes, *, go_ahead: bool) -> Dialogue[list[bytes] | None]:
    """The parts of a command: text, literal, text, literal, … text.

    None when a literal was refused: too long, or waiting for a go-ahead that `go_ahead` doesn't allow. One
    that is too long and comes without waiting can't be told apart from the commands behind it, so it ends the
    connection (RFC 7888, section 4).
    """
    parts = []
    room = MAX_COMMAND
    while literal := literal_at_end(text):
        size, unasked = literal
        room -= len(text) + size
        if size > MAX_LITERAL or room < 0:
            if unasked:
                raise ProtocolError("literal too long")
            return None
        if not unasked:
            if not go_ahead:
                return None
            yield Send(GO_AHEAD)
        parts.append(text[: text.rindex(b"{")])
        parts.append((yield from buffer.read_exactly(size)))
        text = yield from buffer.read_line(MAX_LINE)
    return [*parts, text]


def words(parts: list[bytes]) -> list[Word] | None:
    """The arguments in `parts`, or None where they don't follow the grammar.

    A bare word may hold more than an atom may: clients send `CORP\\user` and passwords just so.
    """
    found: list[Word] = []
    for number, part in enumerate(parts):
        if number % 2:
            found.append(Word(part))
            continue
        starts_apart = number == 0 or not part or part.startswith(b" ")
        ends_apart = number == len(parts) - 1 or part.endswith(b" ")
        if not (starts_apart and ends_apart):
            return None
        text = _words_of_text(part)
        if text is None:
            return None
        found += text
    return found


def _words_of_text(text: bytes) -> list[Word] | None:
    found: list[Word] = []
    at = 0
    while at < len(text):
        if text[at] == 0x20:
            at += 1
        elif text[at] == 0x22:
            match = _QUOTED.match(text, at)
            if not match or text[match.end() : match.end() + 1] not in (b"", b" "):
                return None
            found.append(Word(unescape(match[1])))
            at = match.end()
        else:
            end = text.find(b" ", at)
            end = len(text) if end < 0 else end
            if b"\r" in text[at:end] or b"\0" in text[at:end] or text[at] in b"{(":
                return None
            found.append(Word(text[at:end], bare=True))
            at = end
    return found


def strings(parts: list[bytes]) -> list[bytes | None] | None:
    """The strings and NILs of ID's flat list (RFC 2971, section 3.3), or None where it's malformed."""
    text = b"".join(quote(part) if number % 2 else part for number, part in enumerate(parts)).strip(b" ")
    if text.upper() == b"NIL":
        return []
    if not (text.startswith(b"(") and text.endswith(b")")):
        return None
    found: list[bytes | None] = []
    at, end = 1, len(text) - 1
    while at < end:
        match = _QUOTED.match(text, at, end)
        if match:
            found.append(unescape(match[1]))
            at = match.end()
        elif text[at : at + 3].upper() == b"NIL":
            found.append(None)
            at += 3
        elif text[at] == 0x20:
            at += 1
        else:
            return None
    return found


def unescape(quoted: bytes) -> bytes:
    """The inside of a quoted string as the bytes that it stands for."""
    return re.sub(rb"\\(.)", rb"\1", quoted) if b"\\" in quoted else quoted


def quote(value: bytes) -> bytes:
    """`value` as a quoted string; what can't stand in one is left out."""
    return b'"' + _QUOTED_SPECIAL.sub(rb"\\\1", _UNQUOTABLE.sub(b"", value)) + b'"'


def quotable(value: bytes) -> bool:
    """Whether a quoted string can carry `value` unharmed."""
    return not _UNQUOTABLE.search(value)
