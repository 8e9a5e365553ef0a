"""Live sessions in the three situations in which one may be cut, watched at the client's own socket."""

import socket
import ssl
from typing import Self

from tests.gateway.before_dovecot import Mailhouse

_SECONDS = 45


class Live:
    """A session that is in. Every wait ends after 45 seconds, with TimeoutError."""

    def __init__(self, house: Mailhouse, user: str, password: str, *, buffer: int = 0) -> None:
        plain = socket.socket()
        if buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        plain.settimeout(_SECONDS)
        plain.connect((house.gateway.host, house.gateway.imaps))
        self._sock = house.gateway.client_context().wrap_socket(plain, server_hostname="localhost")
        self._file = self._sock.makefile("rb")
        self._file.readline()
        self.answer(f'LOGIN {user} "{password}"')

    @classmethod
    def between_commands(cls, house: Mailhouse, user: str, password: str) -> Self:
        live = cls(house, user, password)
        live.answer("SELECT INBOX")
        return live

    @classmethod
    def in_idle(cls, house: Mailhouse, user: str, password: str) -> Self:
        live = cls.between_commands(house, user, password)
        live.send("i IDLE")
        assert live._file.readline().startswith(b"+ ")
        return live

    @classmethod
    def in_a_fetch(cls, house: Mailhouse, user: str, password: str) -> Self:
        """It has begun to read a big message, and then reads no more."""
        live = cls(house, user, password, buffer=16384)
        live.answer("SELECT INBOX")
        live.send("f FETCH * BODY.PEEK[]")
        assert b"BODY[] {" in live._file.readline()
        return live

    def send(self, command: str) -> None:
        self._sock.sendall(command.encode() + b"\r\n")

    def answer(self, command: str) -> bytes:
        """The tagged answer, which is OK."""
        self.send(f"a {command}")
        while not (line := self._file.readline()).startswith(b"a "):
            assert line, f"the session was cut before the answer to {command}"
        assert line.startswith(b"a OK"), line
        return line

    def leave_idle(self) -> None:
        """Only a session that is still alive answers to it."""
        self._sock.sendall(b"DONE\r\n")
        while not (line := self._file.readline()).startswith(b"i OK"):
            assert line, "the session was cut in IDLE"

    def octets_until_the_cut(self) -> int:
        """Read until the connection is at its end, however that was brought about."""
        count = 0
        try:
            while octets := self._file.read1(1 << 16):
                count += len(octets)
        except (ConnectionError, ssl.SSLEOFError):
            pass
        return count

    def leave(self) -> None:
        """Log out. When the server has closed, the session is over there too."""
        self.answer("LOGOUT")
        self.octets_until_the_cut()
        self.close()

    def close(self) -> None:
        self._file.close()
        self._sock.close()


SITUATIONS = (Live.between_commands, Live.in_idle, Live.in_a_fetch)
