"""A directory that says what it is told to say, for what slapd can't be brought to do."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Self

from tests.gateway.ldap import ber

BIND, SEARCH, EXTENDED, UNBIND = 0x60, 0x63, 0x77, 0x42
CONNECT = 0  # the place in a script for what is said before anything was asked
_SECONDS = 45


class Then(Enum):
    """What happens after an answer."""

    GO_ON = auto()
    START_TLS = auto()
    CLOSE = auto()
    RESET = auto()
    SILENCE = auto()  # read on, and never say anything more
    REPEAT = auto()  # say it again and again until the client goes


@dataclass(frozen=True, slots=True)
class Reply:
    """`says` gets the number of the message that is answered."""

    says: Callable[[int], bytes] = lambda number: b""
    then: Then = Then.GO_ON


def answering(tag: int, code: int = 0, text: str = "") -> Reply:
    return Reply(lambda number: ber.result(number, tag, code, text))


def saying(octets: bytes, then: Then = Then.GO_ON) -> Reply:
    return Reply(lambda number: octets, then)


SILENT = Reply(then=Then.SILENCE)
USUAL = {
    EXTENDED: Reply(lambda number: ber.result(number, ber.EXTENDED_RESPONSE, 0), Then.START_TLS),
    BIND: answering(ber.BIND_RESPONSE),
    SEARCH: answering(ber.SEARCH_DONE),
}


class _Encrypted(ssl.SSLSocket):
    """Of a connection that was reset, wrap_socket leaves its own copy open."""

    def __del__(self) -> None:
        self.close()


class ScriptedDirectory:
    """`with ScriptedDirectory(context) as directory`: serves at `port`. `implicit`: TLS comes first.

    `script` replaces what is usual, by the tag of the request. `received` is all that came, decrypted, and
    `binds` are the names and passwords. `say` is for what nobody asked for.
    """

    def __init__(
        self,
        context: ssl.SSLContext | None = None,
        script: Mapping[int, Reply] | None = None,
        *,
        implicit: bool = False,
    ) -> None:
        self.context = context
        self.script = dict(script or {})
        self.implicit = implicit
        self.accepted = 0
        self.received = b""
        self.binds: list[tuple[str, str]] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self.cut()
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def cut(self) -> None:
        """End all connections that there are."""
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                # Not that of SSLSocket, after which a thread reads what is still there as if in clear.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def until_received(self, octets: bytes) -> None:
        """Returns once these octets have come. Raises AssertionError."""
        end = time.monotonic() + _SECONDS
        while octets not in self.received:
            assert time.monotonic() < end, self.received
            time.sleep(0.01)

    def say(self, octets: bytes) -> None:
        """To whoever came last, asked or not."""
        self._sockets[-1].sendall(octets)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listening.accept()
                sock.settimeout(_SECONDS)
                self.accepted += 1
                self._sockets.append(sock)
                thread = threading.Thread(target=self._serve, args=(len(self._sockets) - 1,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, at: int) -> None:
        with contextlib.suppress(OSError):
            if self.implicit:
                self._start_tls(at)
            if CONNECT in self.script:
                self._carry_out(at, self.script[CONNECT], 0)
            unread = b""
            while data := self._sockets[at].recv(1 << 16):
                self.received += data
                unread = self._read(at, unread + data)
        self._sockets[at].close()

    def _read(self, at: int, unread: bytes) -> bytes:
        while (size := ber.size_of(unread)) and size <= len(unread):
            [(_, contents)] = ber.split(unread[:size])
            (_, number), (tag, operation), *_ = ber.split(contents)
            if tag == BIND:
                (_, _), (_, name), (_, password) = ber.split(operation)
                self.binds.append((name.decode(), password.decode()))
            unread = unread[size:]
            reply = self.script.get(tag) or USUAL.get(tag, Reply())
            self._carry_out(at, reply, int.from_bytes(number))
        return unread

    def _carry_out(self, at: int, reply: Reply, number: int) -> None:
        """Raises OSError at the end of the connection."""
        sock = self._sockets[at]
        sock.sendall(reply.says(number))
        if reply.then is Then.START_TLS:
            self._start_tls(at)
        elif reply.then is Then.CLOSE:
            raise OSError
        elif reply.then is Then.RESET:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise OSError
        while reply.then is Then.REPEAT:
            sock.sendall(reply.says(number))
        while reply.then is Then.SILENCE:
            data = sock.recv(1 << 16)
            if not data:
                raise OSError
            self.received += data

    def _start_tls(self, at: int) -> None:
        assert self.context is not None, "it takes a context to start TLS"
        self.context.sslsocket_class = _Encrypted
        self._sockets[at] = self.context.wrap_socket(self._sockets[at], server_side=True)
