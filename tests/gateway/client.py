"""A client that decides for itself which octets it sends when, in clear and in TLS."""

import asyncio
import contextlib
import ssl
from typing import Self

_SECONDS = 45


def quoted(word: str | bytes) -> bytes:
    """An IMAP quoted string."""
    octets = word.encode() if isinstance(word, str) else word
    return b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


class Client:
    """One connection. Every wait ends after 45 seconds at the latest, with TimeoutError."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._tls: ssl.SSLObject | None = None
        self._from_peer, self._to_peer = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._unread = b""
        self.greeting = b""

    @classmethod
    async def connect(
        cls,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        source: str = "127.0.0.1",
        first: bytes = b"",
    ) -> Self:
        """A TCP connection; with `tls`, the handshake. `first` goes out before it, in the same segment."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
        client = cls(reader, writer)
        try:
            if tls is not None:
                await client.start_tls(tls, before=first)
            elif first:
                await client.send(first)
        except BaseException:
            client.abort()
            raise
        return client

    @property
    def address(self) -> tuple[str, int]:
        return self._writer.get_extra_info("sockname")

    @property
    def tls(self) -> ssl.SSLObject | None:
        return self._tls

    async def start_tls(self, context: ssl.SSLContext, *, before: bytes = b"") -> None:
        """The handshake. `before` goes out in the same write as the ClientHello, in front of it."""
        assert not self._unread, "the server said more in clear than it should have"
        tls = context.wrap_bio(self._from_peer, self._to_peer, server_hostname="localhost")
        async with asyncio.timeout(_SECONDS):
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    before = await self._flush(before)
                    await self._feed()
            await self._flush()
        self._tls = tls

    async def send(self, octets: bytes) -> None:
        """In TLS once there is TLS."""
        if self._tls is None:
            await self.send_in_clear(octets)
        else:
            self._tls.write(octets)
            await self._flush()

    async def send_in_clear(self, octets: bytes) -> None:
        """Under TLS, if there is any, as an attacker in the middle would."""
        async with asyncio.timeout(_SECONDS):
            self._writer.write(octets)
            await self._writer.drain()

    async def close_notify(self) -> None:
        """Say in TLS that nothing more comes, and go on listening."""
        assert self._tls is not None
        # OpenSSL takes what came before for an error once it has said goodbye.
        with contextlib.suppress(ssl.SSLWantReadError):
            while octets := self._tls.read(1 << 16):
                self._unread += octets
        with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLSyscallError):
            self._tls.unwrap()
        await self._flush()

    async def last_words(self, octets: bytes) -> None:
        """These octets and the end of the TLS stream, in one segment."""
        assert self._tls is not None
        self._tls.write(octets)
        await self.close_notify()

    def half_close(self) -> None:
        """Send no more, and go on listening."""
        with contextlib.suppress(OSError):  # it is closed already
            self._writer.write_eof()

    async def line(self) -> bytes:
        """The next line, b"" or a part of one at the end."""
        return await self.until(b"\n")

    async def until_line(self, begin: bytes) -> bytes:
        """The lines up to the first one that begins so, or to the end."""
        lines = b""
        while line := await self.line():
            lines += line
            if line.startswith(begin):
                break
        return lines

    async def until(self, octets: bytes) -> bytes:
        """What comes up to and with these octets, or up to the end."""
        searched = 0
        while (at := self._unread.find(octets, searched)) < 0:
            searched = max(0, len(self._unread) - len(octets))
            more = await self._read()
            if not more:
                return self._take(len(self._unread))
            self._unread += more
        return self._take(at + len(octets))

    async def exactly(self, count: int) -> bytes:
        """So many octets, fewer at the end."""
        parts, missing = [self._take(count)], count
        missing -= len(parts[0])
        while missing and (more := await self._read()):
            self._unread = more
            parts.append(self._take(missing))
            missing -= len(parts[-1])
        return b"".join(parts)

    async def rest(self) -> bytes:
        """All that comes until the connection is closed, or broken."""
        parts = [self._take(len(self._unread))]
        while more := await self._read():
            parts.append(more)
        return b"".join(parts)

    async def answer(self, command: bytes, tag: bytes = b"a") -> bytes:
        """The tagged line that answers the command; `command` comes without tag and line end."""
        await self.send(tag + b" " + command + b"\r\n")
        while (line := await self.line()) and not line.startswith(tag + b" "):
            pass
        return line

    async def login(self, user: str | bytes, password: str | bytes, tag: bytes = b"a") -> bytes:
        return await self.answer(b"LOGIN " + quoted(user) + b" " + quoted(password), tag)

    def abort(self) -> None:
        self._writer.transport.abort()

    def _take(self, count: int) -> bytes:
        taken, self._unread = self._unread[:count], self._unread[count:]
        return taken

    async def _read(self) -> bytes:
        """Whatever comes next, decrypted; b"" at the end."""
        async with asyncio.timeout(_SECONDS):
            if self._tls is None:
                with contextlib.suppress(ConnectionError):
                    return await self._reader.read(1 << 16)
                return b""
            while True:
                try:
                    return self._tls.read(1 << 16)
                except ssl.SSLWantReadError:
                    await self._flush()
                    await self._feed()
                except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                    return b""

    async def _feed(self) -> None:
        with contextlib.suppress(ConnectionError):
            if octets := await self._reader.read(1 << 16):
                self._from_peer.write(octets)
                return
        self._from_peer.write_eof()

    async def _flush(self, before: bytes = b"") -> bytes:
        octets = before + self._to_peer.read()
        if octets:
            with contextlib.suppress(ConnectionError):
                await self.send_in_clear(octets)
        return b""
