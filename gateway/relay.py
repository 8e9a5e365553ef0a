"""After the login: bytes pass both ways, and nobody here understands them.

All relays share one read buffer. Only what a slow peer didn't take is kept apart, at most one buffer a
direction, and the other side isn't read until it is gone: a session that idles holds no memory for data.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable
from typing import cast

from gateway.connection import Connection
from gateway.dialogues import Progress
from gateway.poller import READABLE, WRITABLE, Poller

_ROOM = 524288
_RECORD = 16384  # the most that one read from TLS gives (RFC 8446, section 5.1)
_SILENCE_SECONDS = 5.0  # of the backend, after which a session ends whose client has said its last word
_NEWLINE = ord("\n")
# What `ssl` does with a buffer and typeshed doesn't say.
_ReadInto = Callable[[int, memoryview], int]
_NOT_NOW = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class ReadBuffer:
    """What all relays read into, one after the other: the octets, and views of them, cut without a copy.

    A view for each record that TLS may give, as cutting one at each read is a tenth of what TLS costs us.
    """

    __slots__ = ("octets", "records", "view")

    def __init__(self) -> None:
        self.octets = bytearray(_ROOM)
        self.view = memoryview(self.octets)
        self.records = [self.view[at : at + _RECORD] for at in range(0, _ROOM, _RECORD)]


class Relay:
    """Passes bytes between two connections until the backend has ended, or one side breaks.

    `progress` is told of all that passes.
    """

    __slots__ = ("_back", "_front", "_linger", "_on_end", "_progress", "ended")

    def __init__(
        self,
        front: Connection,
        back: Connection,
        poller: Poller,
        buffer: ReadBuffer,
        on_end: Callable[[], None],
        progress: Progress | None = None,
    ) -> None:
        self._progress = progress
        heard, answered = (progress.heard, progress.answered) if progress is not None else (None, None)
        self._front = _End(front, poller, buffer, self, heard)
        self._back = _End(back, poller, buffer, self, answered)
        self._front.peer, self._back.peer = self._back, self._front
        self._linger: asyncio.TimerHandle | None = None
        self._on_end = on_end
        self.ended = False

    def start(self, to_back: bytes, to_front: bytes) -> None:
        """Begin with what the two dialogues had read too much."""
        try:
            for end, data in ((self._back, to_back), (self._front, to_front)):
                if data:
                    end.peer.note(data, len(data))
                    end.take(memoryview(data))
        except OSError:
            self.stop()
            return
        self._front.start()
        self._back.start()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is half done, as far as this protocol's progress is watched."""
        progress = self._progress
        return not self.ended and progress is not None and progress.idle and self._is_quiet()

    def say_goodbye(self, words: bytes) -> None:
        """Say it to the client, if that can't get into the middle of what the backend says.

        The backend's words have to be at the end of a line, and nothing of them on the way. Only a backend
        that pauses within a literal, at the end of a line, could be taken for one that has said all; that the
        literal stays too short is then told by the end of the stream.
        """
        progress = self._progress
        if self._back.at_line_end and self._is_quiet() and (progress is None or progress.idle):
            self._front.say(words)

    def _is_quiet(self) -> bool:
        return not (self._front.has_more or self._back.has_more)

    def stop(self) -> None:
        """End both directions. `on_end` closes the connections before it returns."""
        if not self.ended:
            self.ended = True
            if self._linger is not None:
                self._linger.cancel()
            self._on_end()

    def reached_end(self, sink: "_End") -> None:
        """All that the other side of `sink` had to say was passed on to it."""
        if sink is self._front:
            self.stop()
        else:
            sink.shut()
            self._linger = asyncio.get_running_loop().call_later(_SILENCE_SECONDS, self._stop_after_silence)

    def _stop_after_silence(self) -> None:
        """The client has said its last word: wait for as long as the backend has something to say."""
        if self._back.spoke or self._front.unsent is not None:
            self._back.spoke = False
            self._linger = asyncio.get_running_loop().call_later(_SILENCE_SECONDS, self._stop_after_silence)
        else:
            self.stop()


class _End:
    """One side of the relay: the source of one direction, the sink of the other."""

    __slots__ = (
        "_buffer",
        "_connection",
        "_ended",
        "_events",
        "_file",
        "_on_data",
        "_poller",
        "_relay",
        "_saw_end",
        "_sock",
        "at_line_end",
        "peer",
        "spoke",
        "tls",
        "unsent",
    )
    peer: "_End"

    def __init__(
        self,
        connection: Connection,
        poller: Poller,
        buffer: ReadBuffer,
        relay: Relay,
        on_data: Callable[[bytes | bytearray, int], None] | None,
    ) -> None:
        self._connection = connection
        self._on_data = on_data
        self._sock = connection.sock
        self.tls = isinstance(connection.sock, ssl.SSLSocket)
        self._file = connection.sock.fileno()
        self._poller = poller
        self._buffer = buffer
        self._relay = relay
        self._events = connection.hand_over(self._on_ready)
        self._ended = self._saw_end = self.spoke = False
        self.at_line_end = True
        self.unsent: memoryview | None = None

    @property
    def has_more(self) -> bool:
        """Whether something of this side, or for it, is on the way."""
        return self.unsent is not None or self._connection.more_is_waiting()

    def note(self, data: bytes | bytearray, size: int) -> None:
        """Keep what may have to be known at the end of what this side says: the first `size` bytes."""
        self.at_line_end = data[size - 1] == _NEWLINE
        if self._on_data is not None:
            self._on_data(data, size)

    def say(self, words: bytes) -> None:
        """Words of our own to this side, which is about to be closed."""
        self._connection.write_at_once(words)

    def start(self) -> None:
        """Watch, and take what TLS may have decrypted already: no event would tell of it."""
        self.rearm()
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            self._on_ready()

    def take(self, data: memoryview) -> None:
        """Send to this side; keep what it doesn't take and stop reading its peer meanwhile."""
        try:
            sent = self._sock.send(data)
        except _NOT_NOW:
            sent = 0
        if sent < len(data):
            rest = self._push(data[sent:])
            if rest is not None:
                self.unsent = memoryview(bytes(rest))
                self.rearm()
                self.peer.rearm()

    def rearm(self) -> None:
        """Watch for what can be used now. A file with nothing to wait for is not watched at all: epoll would
        report its hang-up again and again."""
        if self._relay.ended:
            return
        events = 0 if self._ended or self.peer.unsent is not None else READABLE
        if self.unsent is not None:
            events |= WRITABLE
        if not events:
            self._poller.forget(self._file)
        elif not self._events:
            self._poller.watch(self._file, events, self._on_ready)
        elif events != self._events:
            self._poller.change(self._file, events)
        self._events = events

    def shut(self) -> None:
        """Say that nothing more comes; this side may still finish what it says.

        In TLS too it's the TCP stream that ends, by the method of the plain socket: Python's way to send
        close_notify reads as well, and would lose what the other side says at that moment.
        """
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._sock, socket.SHUT_WR)

    def _on_ready(self) -> bool:
        """Flush to this side, then read from it once and pass on what came."""
        try:
            if self.unsent is not None:
                self._flush()
            if self.peer.unsent is None and not self._ended:
                size = self._read_records() if self.tls else self._read()
                if size > 0:
                    self.spoke = True
                    self.note(self._buffer.octets, size)
                    self.peer.take(self._buffer.view[:size])
                if size == 0 or self._saw_end:
                    self._reach_end()
        except OSError:
            self._relay.stop()
        return self._relay.ended

    def _reach_end(self) -> None:
        self._ended = True
        self.rearm()
        if self.peer.unsent is None:
            self._relay.reached_end(self.peer)

    def _read(self) -> int:
        """The number of bytes now in the buffer: 0 at the end of the stream, -1 for nothing yet."""
        try:
            return self._sock.recv_into(self._buffer.view)
        except _NOT_NOW:
            return -1

    def _read_records(self) -> int:
        """As `_read`. TLS gives a record at a time; a full one makes it likely that more are there."""
        assert isinstance(self._sock, ssl.SSLSocket), "only TLS comes in records"
        read = cast(_ReadInto, self._sock.read)
        filled = 0
        try:
            for record in self._buffer.records:
                size = read(_RECORD, record)
                filled += size
                if size != _RECORD:
                    self._saw_end = size == 0  # no event will tell of it a second time
                    break
        except _NOT_NOW:
            return filled or -1
        return filled

    def _push(self, data: memoryview) -> memoryview | None:
        """Send; what isn't taken comes back. TLS takes a record at a time."""
        while data:
            try:
                sent = self._sock.send(data)
            except _NOT_NOW:
                return data
            if sent == len(data):
                break
            data = data[sent:]
        return None

    def _flush(self) -> None:
        assert self.unsent is not None
        self.unsent = self._push(self.unsent)
        if self.unsent is None:
            self.rearm()
            self.peer.rearm()
            if self.peer._ended:
                self._relay.reached_end(self)
