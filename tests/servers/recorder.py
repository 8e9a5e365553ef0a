"""A fake backend that records every octet it gets and says what it is told to say."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Self

from tests.servers.changes import Changes
from tests.servers.recorded import Recorded, RecordingReader
from tests.servers.script import Reply
from tests.servers.speeches import Speech
from tests.servers.speeches.imap import IMAP

_LONGEST_LINE = 1 << 20


class Recorder:
    """`async with Recorder(...) as backend`: listens on `backend.port`, keeps `backend.connections`.

    `passwords` maps logins to passwords; None accepts every login. With SASL PLAIN and an authzid, the
    authcid's password counts. `login_delay` seconds pass before a login is answered. With `tls`, STARTTLS
    is offered; with `implicit` too, TLS comes first. `speech` is the protocol. `script` replaces what is
    said to a command, by its verb in capitals ("LOGIN", "AUTHENTICATE", "STARTTLS", ...), or on connecting
    ("GREETING"). Of a list, each reply is said once, and then what is usual.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        *,
        passwords: Mapping[str, str] | None = None,
        script: Mapping[str, Reply | list[Reply]] | None = None,
        speech: Speech = IMAP,
        capability: str | None = None,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        login_delay: float = 0.0,
    ) -> None:
        self.passwords = passwords
        self.script = dict(script or {})
        self.speech = speech
        self.capability = capability or speech.offer
        self.tls = tls
        self.implicit = implicit
        self.login_delay = login_delay
        self.connections: list[Recorded] = []
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._changes = Changes()

    async def __aenter__(self) -> Self:
        context = self.tls if self.implicit else None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, self.host, 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in self.connections:
            connection.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def connected(self, count: int = 1, seconds: float = 10) -> Recorded:
        """Wait until `count` connections have come. Returns the last of them. Raises TimeoutError."""
        await self._changes.until(lambda: len(self.connections) >= count, seconds)
        return self.connections[count - 1]

    def scripted(self, verb: str) -> Reply | None:
        """What the script has to say to this command now."""
        said = self.script.get(verb)
        if isinstance(said, list):
            return said.pop(0) if said else None
        return said

    def received(self) -> bytes:
        """Everything that came on any connection."""
        return b"".join(bytes(connection.received) for connection in self.connections)

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(RecordingReader(limit=_LONGEST_LINE), self._serve)

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(reader, RecordingReader)
        connection = Recorded(self, reader, writer)
        self.connections.append(connection)
        self._changes.tell()
        # A task of our own: the one that asyncio makes of a coroutine complains when it is cancelled.
        task = asyncio.create_task(connection.serve())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
