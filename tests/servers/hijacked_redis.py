"""A server in Redis's place that answers what it likes."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Self

# What it says to HELLO, so that a client goes on.
GREETING = b"%1\r\n+proto\r\n:3\r\n"


class HijackedRedis:
    """`async with HijackedRedis() as server`: `server.answer` gets a command's bytes, and gives the answer.

    None hangs up. Unless `greet` is set, HELLO is answered like anything else. `asked` has all that was sent.
    """

    host = "127.0.0.1"

    def __init__(self) -> None:
        self.port = 0
        self.asked: list[bytes] = []
        self.greet = True
        self.answer: Callable[[bytes], bytes | None] = lambda _: b"_\r\n"
        self._writers: list[asyncio.StreamWriter] = []

    def url(self) -> str:
        return f"redis://{self.host}:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        with contextlib.suppress(ConnectionError):
            while command := await reader.read(1 << 16):
                self.asked.append(command)
                greeting = self.greet and b"HELLO" in command
                answer = GREETING if greeting else self.answer(command)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        writer.transport.abort()
