"""How ManageSieve writes commands, responses and strings (RFC 5804, section 4)."""

import re
from collections.abc import Iterator

from protocols.dialogue import Buffer, Dialogue, ProtocolError

MAX_LINE = 16384  # a base64 response of SASL's 12,288 octets fits
MAX_LITERAL = 16384
_MAX_WHOLE = 65536  # lines and literals of one command or response together
MAX_QUOTED = 1024  # octets of a quoted string

# Nobody waits for a go-ahead in ManageSieve: a client's literal has a plus, a server's has none, and its
# octets follow at once. Servers take a client's without a plus for the same.
_LITERAL = re.compile(rb"\{([0-9]+)\+?\}\Z")
_QUOTED = rb'"((?:[^"\\\r\n\0]|\\["\\])*)"'
_ARGUMENT = re.compile(rb" +(?:" + _QUOTED + rb'|([^ "\\{}()\r\0]+))(?= |\Z)')
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9]{0,30}")
_ESCAPED = re.compile(rb"\\(.)")
_SPECIAL = re.compile(rb'(["\\])')
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


def read_whole(buffer: Buffer) -> Dialogue[bytes]:
    """The next line, with the literals and lines that belong to it, each literal as a quoted string.

    Raises `ProtocolError` beyond the limits: what comes behind a
    literal that nobody reads can't be told apart from it.
    """
    parts: list[bytes] = []
    room = _MAX_WHOLE
    while True:
        line = yield from buffer.read_line(MAX_LINE)
        match = _LITERAL.search(line)
        if match is None:
            return b"".join((*parts, line))
        size = _size_of(match[1])
        room -= len(line) + size
        if size > MAX_LITERAL or room < 0:
            raise ProtocolError("literal too long")
        literal = yield from buffer.read_exactly(size)
        parts += line[: match.start()], _escape(literal)


def _size_of(digits: bytes) -> int:
    """Any size beyond the limit for a number with too many digits to be worth reading."""
    digits = digits.lstrip(b"0") or b"0"
    return int(digits) if len(digits) <= len(str(MAX_LITERAL)) else MAX_LITERAL + 1


def name_of(whole: bytes) -> bytes | None:
    """The name of the command in capitals, or None where there is none."""
    match = _NAME.match(whole)
    if match is None or whole[match.end() : match.end() + 1] not in (b"", b" "):
        return None
    return match[0].upper()


def arguments(whole: bytes) -> list[bytes] | None:
    """The strings and atoms behind a command's name, or None where they don't follow the grammar."""
    found = list(_arguments(whole, len(whole.split(b" ", 1)[0])))
    return None if None in found else [one for one in found if one is not None]


def one_string(whole: bytes) -> bytes | None:
    """The string that a line of its own holds, or None if it holds anything else."""
    found = list(_arguments(b" " + whole, 0))
    return found[0] if len(found) == 1 and whole.startswith(b'"') else None


def _arguments(text: bytes, at: int) -> Iterator[bytes | None]:
    end = len(text.rstrip(b" "))
    while at < end:
        match = _ARGUMENT.match(text, at)
        if match is None:
            yield None
            return
        yield unescape(match[1]) if match[1] is not None else match[2]
        at = match.end()


def quote(text: bytes) -> bytes:
    """`text` as a quoted string; control characters are left out."""
    return _escape(_CONTROL.sub(b"", text))


def unescape(quoted: bytes) -> bytes:
    """The inside of a quoted string as the bytes that it stands for."""
    return _ESCAPED.sub(rb"\1", quoted)


def _escape(text: bytes) -> bytes:
    return b'"' + _SPECIAL.sub(rb"\\\1", text) + b'"'
