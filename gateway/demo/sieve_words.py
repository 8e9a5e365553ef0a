"""How ManageSieve writes commands, and strings in answers (RFC 5804, section 4)."""

import re
from asyncio import StreamReader

_LITERAL = re.compile(rb"\{([0-9]{1,10})\+?\}\Z")
_WORD = re.compile(rb' *(?:"((?:[^"\\\r\n\0]|\\["\\])*)"|([^ "\\{}()\r\n\0]+))(?= |\Z)')
_ESCAPED = re.compile(rb"\\(.)")
_SPECIAL = re.compile(rb'(["\\])')
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_MOST_LITERALS = 4  # no command has more than two strings

Words = list[str | bytes]


class Endless(Exception):
    """The command is longer than what can be read; where the next one begins can't be told."""


async def read_command(reader: StreamReader, most: int) -> Words | None:
    """The words of a command: text in capitals for what stands bare, octets for strings.

    None for what follows no grammar. `most` is how many octets a literal may have. Raises `Endless`, and
    asyncio.IncompleteReadError or OSError when the client is gone.
    """
    words: Words | None = []
    for _ in range(_MOST_LITERALS):
        line = (await reader.readuntil(b"\r\n"))[:-2]
        literal = _LITERAL.search(line)
        found = _split(line[: literal.start()] if literal else line)
        words = words + found if words is not None and found is not None else None
        if literal is None:
            return words
        if int(literal[1]) > most:
            raise Endless
        octets = await reader.readexactly(int(literal[1]))
        words = [*words, octets] if words is not None else None
    raise Endless


def quoted(text: str) -> bytes:
    """A string without control characters as it stands in an answer."""
    return b'"' + _SPECIAL.sub(rb"\\\1", text.encode()) + b'"'


def string(octets: bytes) -> bytes:
    """Any string, as a literal where it has to be (RFC 5804, section 4)."""
    if _CONTROL.search(octets) or len(octets) > 1024:
        return literal(octets)
    return b'"' + _SPECIAL.sub(rb"\\\1", octets) + b'"'


def literal(octets: bytes) -> bytes:
    """A server's literal has no plus sign (RFC 5804, section 4)."""
    return b"{%d}\r\n%b" % (len(octets), octets)


def _split(line: bytes) -> Words | None:
    words: Words = []
    at, line = 0, line.rstrip(b" ")
    while at < len(line):
        match = _WORD.match(line, at)
        if match is None:
            return None
        string, bare = match[1], match[2]
        words.append(bare.decode("latin-1").upper() if string is None else _ESCAPED.sub(rb"\1", string))
        at = match.end()
    return words
