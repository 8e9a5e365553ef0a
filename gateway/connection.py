"""One side of a session: a non-blocking socket, with TLS or without.

Nothing is read ahead. Bytes that a peer sends in clear behind STARTTLS are still in the kernel when the
handshake begins, so OpenSSL takes them for a broken ClientHello and nobody takes them for a command.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
import socket
import ssl
import termios
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from config import Network
from gateway.poller import READABLE, WRITABLE, Poller
from protocols import proxy_header

CHUNK = 8192  # of a dialogue; the relay has a larger buffer of its own
_LINGER_SECONDS = 1.0
_LINGER_CHUNKS = 512
_NOT_NOW = (BlockingIOError, InterruptedError, ssl.SSLWantReadError)
Address = IPv4Address | IPv6Address


class TlsFailed(Exception):
    """The handshake did not come to an end; the text says why."""


class Connection:
    """Read, write, start TLS, close. One task at a time may read, and one may write meanwhile."""

    __slots__ = ("_error", "_events", "_file", "_loop", "_poller", "_waiting", "address", "port", "sock")

    def __init__(self, sock: socket.socket, poller: Poller, loop: asyncio.AbstractEventLoop) -> None:
        self.sock = sock
        self.address: Address
        self.port = 0
        self._file = sock.fileno()
        self._poller = poller
        self._loop = loop
        self._events = 0
        self._waiting: dict[asyncio.Future[None], int] = {}
        self._error: Exception | None = None

    @property
    def tls(self) -> str:
        """The version of TLS in use, or ""."""
        return (self.sock.version() or "") if isinstance(self.sock, ssl.SSLSocket) else ""

    async def read(self, most: int = CHUNK) -> bytes:
        """The next bytes, or b"" at the end of the stream. Raises OSError when the connection broke."""
        while True:
            if not (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()):
                await self._ready(READABLE)
            try:
                return self.sock.recv(most)
            except _NOT_NOW:
                continue
            except ssl.SSLWantWriteError:
                await self._ready(WRITABLE)

    async def write(self, data: bytes) -> None:
        """Send all of it; waits while the peer doesn't take it."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[self.sock.send(rest) :]
            except ssl.SSLWantReadError:
                await self._ready(READABLE)
            except (BlockingIOError, InterruptedError, ssl.SSLWantWriteError):
                await self._ready(WRITABLE)

    def write_at_once(self, data: bytes) -> None:
        """Send what goes without waiting, on a connection that is about to be closed anyway."""
        with contextlib.suppress(OSError, ValueError):
            self.sock.send(data)

    async def connect(self, destination: tuple[str, int]) -> None:
        """Open a connection to an address that needs no look-up. Raises OSError."""
        error = self.sock.connect_ex(destination)
        if error == errno.EINPROGRESS:
            error = self.sock.connect_ex(destination)  # on the same machine it is done by now
        if error == errno.EALREADY:
            await self._ready(WRITABLE)
            error = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            raise OSError(error, os.strerror(error))

    async def read_proxy_header(self) -> None:
        """Take the client's address from a PROXY header, and not a byte behind it."""
        data = b""
        while isinstance(header := proxy_header.parse(data), int):
            await self._ready(READABLE)
            more = self.sock.recv(header)
            if not more:
                raise EOFError
            data += more
        self.address, self.port = header.address, header.port

    async def start_tls(self, context: ssl.SSLContext, server_name: str | None = None) -> None:
        """Do the handshake: as the server, or, given the name of one, as its client."""
        server_side = server_name is None
        try:
            self.sock = context.wrap_socket(
                self.sock, server_side, do_handshake_on_connect=False, server_hostname=server_name
            )
            while True:
                try:
                    self.sock.do_handshake()
                except ssl.SSLWantReadError:
                    await self._ready(READABLE)
                except ssl.SSLWantWriteError:
                    await self._ready(WRITABLE)
                else:
                    return
        except ssl.SSLCertVerificationError as error:
            raise TlsFailed(f"certificate not accepted: {error.verify_message}") from None
        except (ssl.SSLError, OSError, ValueError) as error:
            raise TlsFailed(getattr(error, "reason", None) or type(error).__name__) from None

    def more_is_waiting(self) -> bool:
        """Whether the peer has sent something that nobody has read."""
        pending = self.sock.pending() if isinstance(self.sock, ssl.SSLSocket) else 0
        return pending > 0 or any(fcntl.ioctl(self._file, termios.FIONREAD, bytes(4)))

    def spoke_unasked(self) -> bool:
        """Whether the peer has said something that wasn't read. What TLS says for itself doesn't count.

        Of what came in TLS a byte is lost by that: it's for those who then end the connection.
        """
        if not isinstance(self.sock, ssl.SSLSocket):
            return self.more_is_waiting()
        try:
            return bool(self.sock.recv(1))
        except (*_NOT_NOW, ssl.SSLWantWriteError):
            return False

    async def linger(self) -> None:
        """Wait a moment for the peer to take our last words: closing over unread input would destroy them.

        RFC 1122, section 4.2.2.13: a close with data unread sends a reset.
        """
        with contextlib.suppress(OSError, ValueError, TimeoutError):
            if isinstance(self.sock, ssl.SSLSocket):
                with contextlib.suppress(ssl.SSLWantReadError):
                    self.sock.unwrap()
            # The methods of the plain socket: what comes now is thrown away as it is.
            socket.socket.shutdown(self.sock, socket.SHUT_WR)
            async with asyncio.timeout(_LINGER_SECONDS):
                for _ in range(_LINGER_CHUNKS):
                    await self._ready(READABLE)
                    if not socket.socket.recv(self.sock, CHUNK):
                        return

    def fail(self, error: Exception) -> None:
        """End whatever waits on this connection, now or next, with the error."""
        self._error = error
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(error)

    def hand_over(self, callback: Callable[[], bool]) -> int:
        """Give the watch to the relay. Returns the events that are watched for now."""
        self._poller.redirect(self._file, callback)
        events, self._events = self._events, 0
        return events

    def _stop_watching(self) -> None:
        self._poller.forget(self._file)
        self._events = 0

    def close(self) -> None:
        """Say goodbye in TLS and close. May be called again."""
        if self._file < 0:
            return
        self._poller.drop(self._file)
        self._file = -1
        if isinstance(self.sock, ssl.SSLSocket):
            with contextlib.suppress(OSError, ValueError):
                self.sock.unwrap()
        self.sock.close()

    async def _ready(self, event: int) -> None:
        if self._file < 0:
            raise ConnectionAbortedError("the connection is closed")
        if self._error is not None:
            raise self._error
        events = event
        for other in self._waiting.values():
            events |= other
        if self._events == 0:
            self._poller.watch(self._file, events, self._on_event)
        elif self._events != events:
            self._poller.change(self._file, events)
        self._events = events
        waiter = self._loop.create_future()
        self._waiting[waiter] = event
        try:
            await waiter
        finally:
            del self._waiting[waiter]

    def _on_event(self) -> bool:
        """Whoever waits looks for itself whether it was meant: a socket's errors concern both sides."""
        if not self._waiting:
            self._stop_watching()  # nobody waits: what came stays in the kernel
            return False
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        return True


def accepted(
    sock: socket.socket, peer: tuple[str, int], poller: Poller, loop: asyncio.AbstractEventLoop
) -> Connection:
    """The connection of a client that has just come in."""
    sock.setblocking(False)
    connection = Connection(sock, poller, loop)
    connection.address, connection.port = _address(peer[0]), peer[1]
    return connection


def outgoing(family: int, poller: Poller, loop: asyncio.AbstractEventLoop) -> Connection:
    """A connection to be opened."""
    sock = socket.socket(
        family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, socket.IPPROTO_TCP
    )
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Connection(sock, poller, loop)


@lru_cache(4096)
def shown(address: Address) -> str:
    """The address as text; a client's is written at each of its logins."""
    return str(address)


@lru_cache(4096)
def _address(text: str) -> Address:
    """Without a zone, and IPv4 as such where the socket takes both."""
    address = ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def may_connect(address: Address, networks: Sequence[Network]) -> bool:
    """Whether the address lies in one of the networks; no networks mean that all may."""
    return not networks or any(address in network for network in networks)
