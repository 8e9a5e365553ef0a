"""An LDAP client that decides for itself which octets it sends when, in clear and in TLS."""

import contextlib
import socket
import ssl
import time
from typing import Self

from tests.gateway.ldap import ber
from tests.gateway.ldap.ber import Answer, Found

_SECONDS = 45


class Wire:
    """One connection. Every wait ends after 45 seconds, with TimeoutError."""

    def __init__(
        self,
        port: int,
        context: ssl.SSLContext,
        tls: str = "implicit",
        *,
        source: str = "127.0.0.1",
        buffer: int = 0,
    ) -> None:
        self._context = context
        self.sock = socket.socket()
        if buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.settimeout(_SECONDS)
        self.sock.bind((source, 0))
        self._unread = b""
        self._number = 0
        self.tls = False
        try:
            self.sock.connect(("127.0.0.1", port))
            if tls == "implicit":
                self.handshake()
            elif tls == "starttls":
                assert self.ask(ber.extended(self.next(), ber.START_TLS)).code == 0
                self.handshake()
        except BaseException:
            self.sock.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.sock.close()

    def handshake(self) -> None:
        self.sock = self._context.wrap_socket(self.sock, server_hostname="localhost")
        self.tls = True

    def next(self) -> int:
        """A message ID that wasn't used yet."""
        self._number += 1
        return self._number

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def send_in_clear(self, data: bytes) -> None:
        """Under TLS, as an attacker in the middle would."""
        socket.socket.sendall(self.sock, data)

    def answer(self) -> Answer | Found | None:
        """The next message, None at the end of the connection."""
        taken = self.message()
        return ber.parse(taken) if taken is not None else None

    def message(self) -> bytes | None:
        """The same as octets, whatever is in it."""
        while not (size := ber.size_of(self._unread)) or len(self._unread) < size:
            data = self._receive()
            if not data:
                assert not self._unread, "the connection ended in the middle of a message"
                return None
            self._unread += data
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken

    def hear(self, count: int) -> None:
        """Wait until so many octets have come that nobody has read yet."""
        while len(self._unread) < count:
            data = self._receive()
            assert data, "the connection ended"
            self._unread += data

    def octets(self, count: int) -> bytes:
        """So many octets as they come."""
        self.hear(count)
        taken, self._unread = self._unread[:count], self._unread[count:]
        return taken

    def ask(self, data: bytes) -> Answer:
        """What the request leads to in the end, without the entries that were found."""
        self.send(data)
        while isinstance(answer := self.answer(), Found):
            pass
        assert answer is not None, "the connection ended"
        return answer

    def bind(self, name: str | bytes, password: str | bytes) -> tuple[int, str]:
        answer = self.ask(ber.bind(self.next(), name, password))
        assert answer.tag == ber.BIND_RESPONSE
        return answer.code, answer.text

    def who_am_i(self) -> str:
        """What "Who am I?" is answered; the result code where it is no success."""
        answer = self.ask(ber.extended(self.next(), ber.WHO_AM_I))
        return answer.value.decode() if answer.code == 0 else str(answer.code)

    def rest(self, last: int = -1) -> list[Answer | Found]:
        """All messages up to the end of the connection, or to the one with that number."""
        found = []
        while (answer := self.answer()) is not None:
            found.append(answer)
            if answer.number == last:
                break
        return found

    def octets_until_the_cut(self) -> int:
        """How much came until the connection ended, in the middle of a message or not."""
        count = len(self._unread)
        self._unread = b""
        while data := self._receive():
            count += len(data)
        return count

    def drip(self, data: bytes) -> list[Answer | Found]:
        """Send one octet after the other until the server ends the connection. Returns what it said."""
        self.sock.settimeout(0.05)
        end = time.monotonic() + _SECONDS
        with contextlib.suppress(OSError):
            for octet in data:
                assert time.monotonic() < end, "the server takes it all"
                self.sock.sendall(bytes([octet]))
                try:
                    heard = self.sock.recv(1 << 16)
                except TimeoutError:
                    continue
                if not heard:
                    break
                self._unread += heard
        self.sock.settimeout(_SECONDS)
        return self.rest()

    def _receive(self) -> bytes:
        try:
            return self.sock.recv(1 << 16)
        except (ConnectionError, ssl.SSLError):
            return b""
