"""One connection to the recording backend: what came, and how it is answered."""

import asyncio
import base64
import contextlib
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.servers.changes import Changes
from tests.servers.imap_command import Command, read_command
from tests.servers.script import Reply, Then

if TYPE_CHECKING:
    from tests.servers.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Login:
    """Credentials as they arrived; `acts_as` is the authzid, empty for LOGIN."""

    login: str
    password: str
    acts_as: str = ""


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

    async def _converse(self) -> None:
        greeting = Reply(f"* OK [CAPABILITY {self._capability()}] ready\r\n".encode())
        going = await self._say(self._server.script.get("GREETING", greeting), b"*")
        while going and (command := await read_command(self._reader, self._go_ahead)):
            self.commands.append(command)
            reply = self._server.script.get(command.verb) or await self._usual(command)
            going = await self._say(reply, command.tag)
            self._changes.tell()

    async def _go_ahead(self) -> None:
        await self.send(b"+ go ahead\r\n")

    async def _say(self, reply: Reply, tag: bytes) -> bool:
        """Send the reply and do what comes then; False ends the connection."""
        if reply.delay:
            await asyncio.sleep(reply.delay)
        await self.send(reply.to(tag))
        match reply.then:
            case Then.LOGGED_IN:
                self.logged_in = True
            case Then.START_TLS:
                await self._start_tls()
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

    async def _start_tls(self) -> None:
        assert self._server.tls, "START_TLS needs a context in tls="
        await self._writer.start_tls(self._server.tls)

    async def _usual(self, command: Command) -> Reply:
        match command.verb:
            case "CAPABILITY":
                return Reply(f"* CAPABILITY {self._capability()}\r\n{{tag}} OK done\r\n".encode())
            case "ID":
                return Reply(b'* ID ("name" "recorder")\r\n{tag} OK done\r\n')
            case "STARTTLS" if self._server.tls and not self.tls:
                return Reply(b"{tag} OK go\r\n", Then.START_TLS)
            case "LOGIN" if len(command.arguments) == 2:
                name, password = (word.decode("utf-8", "replace") for word in command.arguments)
                return await self._judge(Login(name, password))
            case "AUTHENTICATE" if command.arguments:
                return await self._authenticate(command)
            case "IDLE":
                return Reply(b"+ idling\r\n")
            case "" if command.tag.upper() == b"DONE":
                idle = next(past for past in reversed(self.commands) if past.verb == "IDLE")
                return Reply(idle.tag + b" OK done\r\n")
            case "FETCH" if command.arguments and command.arguments[0].isdigit():
                return Reply(_message(int(command.arguments[0])))
            case "LOGOUT":
                return Reply(b"* BYE\r\n{tag} OK bye\r\n", Then.CLOSE)
        return Reply(b"{tag} OK done\r\n")

    async def _authenticate(self, command: Command) -> Reply:
        mechanism, *initial = command.arguments
        if mechanism.upper() == b"LOGIN":
            name = initial[0] if initial else await self._asked(b"VXNlcm5hbWU6")
            answers = [name, await self._asked(b"UGFzc3dvcmQ6")]
            return await self._judge(Login(*(base64.b64decode(each).decode() for each in answers)))
        response = base64.b64decode(initial[0] if initial else await self._asked(b""))
        acts_as, name, password = response.decode().split("\0")
        return await self._judge(Login(name, password, acts_as))

    async def _asked(self, challenge: bytes) -> bytes:
        await self.send(b"+ " + challenge + b"\r\n")
        return (await self._reader.readline()).strip()

    async def _judge(self, login: Login) -> Reply:
        self.logins.append(login)
        await asyncio.sleep(self._server.login_delay)
        known = self._server.passwords
        if known is None or known.get(login.login) == login.password:
            return Reply(f"{{tag}} OK [CAPABILITY {self._capability()}] in\r\n".encode(), Then.LOGGED_IN)
        return Reply(b"{tag} NO [AUTHENTICATIONFAILED] Authentication failed.\r\n")

    def _capability(self) -> str:
        offer = " STARTTLS" if self._server.tls and not self.tls else ""
        return self._server.capability + offer


def _message(size: int) -> bytes:
    line = b"0123456789" * 7 + b"\r\n"
    octets = (line * (size // len(line) + 1))[:size]
    return b"* %d FETCH (BODY[] {%d}\r\n%b)\r\n{tag} OK done\r\n" % (size, size, octets)
