"""Takes connections at an inherited socket, and makes one for each in the network that it runs in."""

import asyncio
import contextlib
import socket
import sys
from functools import partial


async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """All that comes, until there is no more."""
    with contextlib.suppress(ConnectionError):
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
    target.close()


async def forward(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, until one side ends it."""
    try:
        there, back = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        writer.close()
        return
    await asyncio.gather(copy(reader, back), copy(there, writer))


async def main(listener: socket.socket, port: int) -> None:
    server = await asyncio.start_server(partial(forward, port), sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])))
