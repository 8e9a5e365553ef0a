"""asyncio's transport over a non-blocking socket, in TLS or in clear, with small buffers and bounds.

asyncio's own for TLS holds a buffer of 256 KiB for each connection, and waits without end for a peer that
doesn't take what it has asked for.
"""

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Mapping
from typing import Any

from portal.door.places import Place
from portal.door.tls import Tls
from portal.log import log

_CHUNK = 16384  # a record of TLS (RFC 8446, section 5.1)
_READS = 4  # at one turn of the loop; then it's others' turn
_HIGH, _LOW = 65536, 16384  # octets that the peer hasn't taken yet: who writes is asked to wait, and to go on
_LINGER_SECONDS = 1.0
_LINGER_READS = 16
_RESET = struct.pack("@ii", 1, 0)  # a struct linger
_NOT_NOW = (BlockingIOError, InterruptedError)


class Wire(asyncio.Transport):
    """`seconds`: so long the peer may take nothing of what it was sent before it's cut."""

    __slots__ = (
        "_buffer",
        "_closed",
        "_closing",
        "_ended",
        "_full",
        "_left",
        "_loop",
        "_moved",
        "_patience",
        "_paused",
        "_place",
        "_protocol",
        "_seconds",
        "_sock",
        "_tls",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        tls: Tls | None,
        place: Place,
        seconds: float,
        extra: Mapping[str, Any],
    ) -> None:
        super().__init__(extra)
        self._loop = loop
        self._sock = sock
        self._tls = tls
        self._place = place
        self._seconds = seconds
        self._protocol: asyncio.Protocol | None = None
        self._buffer = bytearray()
        self._paused = self._full = self._closing = self._ended = self._closed = False
        self._moved = 0.0  # when the peer last took something
        self._patience: asyncio.TimerHandle | None = None
        self._left = _LINGER_READS
        place.vacate = self.abort

    def begin(self, protocol: asyncio.Protocol) -> None:
        """Give it what has come and what will come."""
        self._protocol = protocol
        if self._has_unsent():  # the last words of the handshake
            self._wait_for_peer()
        protocol.connection_made(self)
        self._listen()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Who is told from now on."""
        assert isinstance(protocol, asyncio.Protocol), "nothing else is spoken here"
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who is told."""
        assert self._protocol is not None, "it has begun"
        return self._protocol

    def is_closing(self) -> bool:
        """Whether it's closed, or will be when all is sent."""
        return self._closing or self._closed

    def is_reading(self) -> bool:
        """Whether what comes is read."""
        return not self._paused and not self.is_closing()

    def pause_reading(self) -> None:
        """Leave what comes in the kernel."""
        if self.is_reading():
            self._paused = True
            self._loop.remove_reader(self._sock.fileno())

    def resume_reading(self) -> None:
        """Go on."""
        if self._paused and not self.is_closing():
            self._paused = False
            self._listen()

    def get_write_buffer_size(self) -> int:
        """Octets that the peer hasn't taken yet."""
        return len(self._buffer)

    def get_write_buffer_limits(self) -> tuple[int, int]:
        """When the protocol is asked to go on writing, and when to wait."""
        return _LOW, _HIGH

    def can_write_eof(self) -> bool:
        """TLS has no such thing, and HTTP needs none."""
        return False

    def write(self, data: "bytes | bytearray | memoryview[Any]") -> None:
        """Send it, now or as soon as the peer takes it."""
        if self.is_closing() or not data:
            return
        was_empty = not self._has_unsent()
        self._buffer += data
        if was_empty:
            self._send()
        if was_empty and self._has_unsent():
            self._wait_for_peer()
        if len(self._buffer) > _HIGH and not self._full and self._protocol is not None:
            self._full = True
            self._protocol.pause_writing()

    def close(self) -> None:
        """When all is sent."""
        if self.is_closing():
            return
        self._closing = True
        self._place.wait()
        self._loop.remove_reader(self._sock.fileno())
        if not self._has_unsent():
            self._say_goodbye()

    def abort(self) -> None:
        """Now, with a reset: the kernel keeps nothing for a peer that doesn't take it."""
        if not self._closed:
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._lose(None)

    def _listen(self) -> None:
        self._loop.add_reader(self._sock.fileno(), self._on_readable)
        if self._tls is not None and self._tls.pending():
            self._loop.call_soon(self._on_readable)

    def _on_readable(self) -> None:
        for _ in range(_READS):
            if self._paused or self.is_closing() or not self._read():
                return
        if self._tls is not None and not self.is_closing() and self._tls.pending():
            self._loop.call_soon(self._on_readable)  # of what lies in OpenSSL the kernel knows nothing

    def _read(self) -> bool:
        """Whether something has come, so that more may have."""
        try:
            data = (self._tls or self._sock).recv(_CHUNK)
        except (*_NOT_NOW, ssl.SSLWantReadError):
            return False
        except OSError as error:
            # SSLWantWriteError among them: without renegotiation only a peer gets there that floods us with
            # key updates and takes no answer.
            self._lose(error)
            return False
        if data:
            self._give(data)
        else:
            self._ended = True
            self.close()
        return bool(data)

    def _give(self, data: bytes) -> None:
        try:
            assert self._protocol is not None, "it has begun"
            self._protocol.data_received(data)
        except Exception:
            log.exception("a request failed")
            self.abort()

    def _on_writable(self) -> None:
        self._send()
        if self._closed:
            return
        if self._full and len(self._buffer) <= _LOW and self._protocol is not None:
            self._full = False
            self._protocol.resume_writing()
        if not self._has_unsent():
            self._loop.remove_writer(self._sock.fileno())
            if self._closing:
                self._say_goodbye()

    def _send(self) -> None:
        """As much as goes."""
        before = self._unsent()
        try:
            while self._buffer:
                with memoryview(self._buffer) as whole, whole[:_HIGH] as piece:
                    sent = (self._tls or self._sock).send(piece)
                del self._buffer[:sent]
            if self._tls is not None:
                self._tls.flush()
        except _NOT_NOW:
            pass
        except OSError as error:
            self._lose(error)
            return
        if self._unsent() < before:
            self._moved = self._loop.time()

    def _unsent(self) -> int:
        return len(self._buffer) + (self._tls.unsent if self._tls is not None else 0)

    def _has_unsent(self) -> bool:
        return self._unsent() > 0

    def _wait_for_peer(self) -> None:
        self._moved = self._loop.time()
        self._loop.add_writer(self._sock.fileno(), self._on_writable)
        self._watch()

    def _watch(self) -> None:
        if self._patience is None:
            self._patience = self._loop.call_later(self._seconds, self._look)

    def _look(self) -> None:
        """Whether the peer still takes what it was sent."""
        self._patience = None
        if not self._has_unsent():
            return
        if self._loop.time() - self._moved >= self._seconds:
            self.abort()
        else:
            self._watch()

    def _say_goodbye(self) -> None:
        """Wait a moment for the peer to take our last words: a close over unread input destroys them.

        RFC 9112, section 9.6.
        """
        with contextlib.suppress(OSError, ValueError):
            if self._tls is not None:
                self._tls.say_goodbye()
            self._sock.shutdown(socket.SHUT_WR)
            if not self._ended:
                self._loop.add_reader(self._sock.fileno(), self._discard)
                self._forget_patience()
                self._patience = self._loop.call_later(_LINGER_SECONDS, self._lose, None)
                return
        self._lose(None)

    def _discard(self) -> None:
        self._left -= 1
        try:
            data = self._sock.recv(_CHUNK)  # thrown away as it is
        except _NOT_NOW:
            return
        except OSError:
            data = b""
        if not data or self._left <= 0:
            self._lose(None)

    def _lose(self, error: Exception | None) -> None:
        if self._closed:
            return
        self._closed = True
        self._loop.remove_reader(self._sock.fileno())
        self._loop.remove_writer(self._sock.fileno())
        self._forget_patience()
        self._buffer.clear()
        self._tls = None
        self._sock.close()
        self._place.leave()
        if self._protocol is not None:
            self._loop.call_soon(self._protocol.connection_lost, error)

    def _forget_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
