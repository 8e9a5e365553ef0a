"""Commands of a line each, with words between spaces."""

from asyncio import StreamReader

from tests.servers.speeches import Command


async def read_line(reader: StreamReader) -> Command | None:
    """The next command, or None at the end of the connection."""
    line = await reader.readline()
    if not line:
        return None
    verb, *words = line.split() or [b""]
    return Command(b"", verb.decode("latin-1").upper(), tuple(words), line)
