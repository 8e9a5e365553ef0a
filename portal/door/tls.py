"""TLS over a non-blocking socket, of which OpenSSL is given one piece at a time.

From a socket itself it reads on for as long as the peer sends what is no data, such as key updates (RFC 8446,
section 4.6.3), and meanwhile the loop serves no other client. A peer that sends much of it is cut.
"""

import socket
import ssl

_PIECE = 4096  # octets; a few milliseconds of key updates
_MOST_WITHOUT_DATA = 65536  # octets; a record of data has a quarter of that
_RECORD = 16384  # a record of TLS (RFC 8446, section 5.1)


class Tls:
    """The server's side. Raises what an SSLSocket raises, and BlockingIOError besides."""

    __slots__ = ("_in", "_out", "_sock", "_tls", "_unsent", "_without_data")

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        self._sock = sock
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_side=True)
        self._unsent = bytearray()
        self._without_data = 0  # octets that have come since there was data

    @property
    def context(self) -> ssl.SSLContext:
        return self._tls.context

    @property
    def unsent(self) -> int:
        """Octets of records that the kernel hasn't taken yet."""
        return len(self._unsent) + self._out.pending

    def pending(self) -> int:
        """Octets that have come and may be data, of which the kernel knows nothing any more."""
        return self._tls.pending() + self._in.pending

    def do_handshake(self) -> None:
        """As far as one more piece takes it."""
        try:
            self._fill()
            self._tls.do_handshake()
            self._without_data = 0
        finally:
            self.flush()  # an alert, too

    def recv(self, most: int) -> bytes:
        """What one more piece holds; b"" at the end. SSLWantWriteError: the peer takes no answers."""
        try:
            return self._read(most)
        finally:
            if self._out.pending:
                self.flush()
                if self._unsent:
                    raise ssl.SSLWantWriteError("the peer takes no answers")

    def send(self, data: memoryview) -> int:
        """One record, as soon as the kernel has taken those before it."""
        self.flush()
        if self._unsent:
            raise BlockingIOError
        sent = self._tls.write(data[:_RECORD])
        self.flush()
        return sent

    def flush(self) -> None:
        """As much as the kernel takes."""
        if self._out.pending:
            self._unsent += self._out.read()
        try:
            while self._unsent:
                del self._unsent[: self._sock.send(self._unsent)]
        except (BlockingIOError, InterruptedError):
            return

    def say_goodbye(self) -> None:
        """The peer isn't waited for."""
        try:
            self._tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        finally:
            self.flush()

    def _read(self, most: int) -> bytes:
        try:
            try:
                data = self._tls.read(most)
            except ssl.SSLWantReadError:
                self._fill()
                data = self._tls.read(most)
        except ssl.SSLEOFError:  # without a close_notify, as many clients leave
            return b""
        self._without_data = 0
        return data

    def _fill(self) -> None:
        piece = self._sock.recv(_PIECE)
        self._without_data += len(piece)
        if self._without_data > _MOST_WITHOUT_DATA:
            raise ssl.SSLError("the peer sends much and no data")
        if piece:
            self._in.write(piece)
        else:
            self._in.write_eof()
