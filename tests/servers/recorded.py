"""One connection to the recording backend: what came, and how it is answered."""

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

from tests.servers.changes import Changes
from tests.servers.script import Reply, Then
from tests.servers.speeches import Command, Login

if TYPE_CHECKING:
    from tests.servers.recorder import Recorder


class RecordingReader(asyncio.StreamReader):
    """Keeps a copy of what arrives, also of what nobody has read yet."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.received = bytearray()
        self.changes = Changes()

    def feed_data(self, data: bytes) -> None:
        self.received += data
        super().feed_data(data)
        self.changes.tell()


class Recorded:
    """`received` holds all octets so far, decrypted; `commands` and `logins` what they meant."""

    def __init__(self, server: "Recorder", reader: RecordingReader, writer: asyncio.StreamWriter) -> None:
        self.received = reader.received
        self.commands: list[Command] = []
        self.logins: list[Login] = []
        self.logged_in = False
        self.closed = False
        self._server = server
        self._reader, self._writer = reader, writer
        self._changes = reader.changes

    @property
    def tls(self) -> bool:
        return self._writer.get_extra_info("ssl_object") is not None

    @property
    def peer(self) -> tuple[str, int]:
        return self._writer.get_extra_info("peername")

    async def send(self, octets: bytes) -> None:
        """Say something that nobody asked for."""
        self._writer.write(octets)
        await self._writer.drain()

    async def until(self, octets: bytes, seconds: float = 10) -> None:
        """Wait until these octets have been received. Raises TimeoutError."""
        await self._changes.until(lambda: octets in self.received, seconds)

    async def is_asked(self, octets: bytes, seconds: float = 10) -> bool:
        """Wait until these octets have been received, or the client has gone. Returns whether they were."""
        await self._changes.until(lambda: octets in self.received or self.closed, seconds)
        return octets in self.received

    async def until_logged_in(self, seconds: float = 10) -> None:
        await self._changes.until(lambda: self.logged_in, seconds)

    async def until_closed(self, seconds: float = 10) -> None:
        """Wait until the client has gone. Raises TimeoutError."""
        await self._changes.until(lambda: self.closed, seconds)

    def abort(self, reset: bool = False) -> None:
        if reset:
            plain = self._writer.get_extra_info("socket")
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def serve(self) -> None:
        try:
            with contextlib.suppress(OSError, EOFError, ValueError, asyncio.LimitOverrunError):
                await self._converse()
                self._writer.close()
                await self._writer.wait_closed()
        finally:
            self._writer.transport.abort()
            self.closed = True
            self._changes.tell()

    @property
    def offers_tls(self) -> bool:
        return self._server.tls is not None and not self.tls

    @property
    def offer(self) -> str:
        """What the server is told to offer, in the protocol's own words."""
        return self._server.capability

    async def answer_to(self, challenge: bytes) -> bytes:
        """Send a line in the middle of a command, and take the line that comes."""
        await self.send(challenge + b"\r\n")
        return (await self._reader.readline()).strip()

    async def judge(self, login: Login) -> bool:
        """Keep the credentials, and say whether they are right."""
        self.logins.append(login)
        await asyncio.sleep(self._server.login_delay)
        known = self._server.passwords
        return known is None or known.get(login.login) == login.password

    async def _converse(self) -> None:
        speech = self._server.speech
        greeting = self._server.scripted("GREETING") or Reply(speech.greeting(self))
        going = await self._say(greeting, b"*")
        while going and (command := await speech.read(self._reader, self)):
            self.commands.append(command)
            reply = self._server.scripted(command.verb) or await speech.usual(command, self)
            going = await self._say(reply, command.tag)
            self._changes.tell()

    async def _say(self, reply: Reply, tag: bytes) -> bool:
        """Send the reply and do what comes then; False ends the connection."""
        if reply.delay:
            await asyncio.sleep(reply.delay)
        await self.send(reply.to(tag))
        match reply.then:
            case Then.LOGGED_IN:
                self.logged_in = True
            case Then.START_TLS:
                await self.start_tls()
            case Then.CLOSE:
                return False
            case Then.RESET:
                self.abort(reset=True)
                return False
            case Then.REPEAT:
                while True:
                    await self.send(reply.octets)
                    await asyncio.sleep(0)  # drain() alone lets nobody else run while the socket takes more
            case Then.SILENCE | Then.ECHO:
                while octets := await self._reader.read(1 << 16):
                    if reply.then is Then.ECHO:
                        await self.send(octets)
                return False
        return True

    async def start_tls(self, go_ahead: bytes = b"") -> None:
        assert self._server.tls, "START_TLS needs a context in tls="
        await self.send(go_ahead)
        await self._writer.start_tls(self._server.tls)
