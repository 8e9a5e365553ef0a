"""One command of an IMAP client, taken apart leniently: enough for a fake server to answer it."""

import re
from asyncio import StreamReader
from collections.abc import Awaitable, Callable

from tests.servers.speeches import Command

_LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n\Z")
_WORD = re.compile(rb'\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))')


async def read_whole(
    reader: StreamReader, go_ahead: Callable[[], Awaitable[None]]
) -> tuple[bytes, list[bytes]]:
    """The next command with its literals as octets and as words; no octets at the end of the connection.

    `go_ahead` is awaited before each synchronising literal (RFC 3501, 4.3).
    """
    octets: bytes = b""
    words: list[bytes] = []
    while line := await reader.readline():
        octets += line
        literal = _LITERAL.search(line)
        words += _words(line[: literal.start()] if literal else line)
        if not literal:
            break
        if not literal[2]:
            await go_ahead()
        words.append(await reader.readexactly(int(literal[1])))
        octets += words[-1]
    return octets, words


async def read_command(reader: StreamReader, go_ahead: Callable[[], Awaitable[None]]) -> Command | None:
    """The next command, or None at the end of the connection."""
    octets, words = await read_whole(reader, go_ahead)
    if not octets:
        return None
    tag, verb = [*words, b"", b""][:2]
    return Command(tag, verb.decode("latin-1").upper(), tuple(words[2:]), octets)


def _words(line: bytes) -> list[bytes]:
    return [
        re.sub(rb"\\(.)", rb"\1", match[1]) if match[2] is None else match[2]
        for match in _WORD.finditer(line)
    ]
