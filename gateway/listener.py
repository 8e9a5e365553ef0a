"""Listens on one address, and starts a session for each client that comes in.

The socket is one that was handed over, or else one of our own.
"""

import asyncio
import errno
import select
import socket
import struct
from collections.abc import Callable

from config import Listener as ListenerSettings
from gateway.bound import bound, listen, prepare
from gateway.connection import Connection, accepted, may_connect
from gateway.inherited import HandedOver
from gateway.log import log
from gateway.poller import READABLE, Poller
from gateway.repeated_lines import RepeatedLines

_AT_ONCE = 64  # clients accepted before those who are in have their turn
_PAUSE_SECONDS = 0.5
_MILLISECOND = struct.pack("@ll", 0, 1000)  # a struct timeval
_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

OnClient = Callable[[Connection, ListenerSettings], None]


class Listener:
    """One listening socket."""

    __slots__ = (
        "_clients_waited",
        "_lines",
        "_loop",
        "_on_client",
        "_open",
        "_paused_before",
        "_poller",
        "_settings",
        "_sock",
        "_turns",
        "_turns_before",
    )

    def __init__(
        self,
        settings: ListenerSettings,
        poller: Poller,
        loop: asyncio.AbstractEventLoop,
        on_client: OnClient,
        handed_over: HandedOver,
        lines: RepeatedLines,
    ) -> None:
        self._settings = settings
        self._lines = lines
        self._poller = poller
        self._loop = loop
        self._on_client = on_client
        self._sock = _listening_socket(settings, handed_over)
        self._open = True
        self._paused_before = False
        self._clients_waited = False
        self._turns = self._turns_before = 0

    def start(self) -> None:
        """Accept from now on."""
        listen(self._sock)
        self._poller.watch(self._sock.fileno(), READABLE, self._accept)
        log.info("listening", listener=self._settings.label, address=str(self._settings.address))

    def close(self) -> None:
        """Accept no more. At a socket that other processes have too, these go on accepting."""
        if self._open:
            self._open = False
            self._poller.forget(self._sock.fileno())
            self._sock.close()

    def neglects(self) -> bool:
        """Whether clients have been waiting since this was asked before, and nobody looked after them."""
        if not self._open:
            return False  # a process that drains has nobody to look after here
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        waiting = bool(poll.poll(0))
        neglected = waiting and self._clients_waited and self._turns == self._turns_before
        self._clients_waited, self._turns_before = waiting, self._turns
        return neglected

    @property
    def label(self) -> str:
        return self._settings.label

    def _accept(self) -> bool:
        for _ in range(_AT_ONCE):
            try:
                sock, peer = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                break
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
                self._pause(error)
                return True
            self._welcome(accepted(sock, peer, self._poller, self._loop))
        self._turns += 1
        return True

    def _welcome(self, client: Connection) -> None:
        # Behind a load balancer the client's own address is known only once its PROXY header is read.
        if not may_connect(client.address, self._settings.proxy_from or self._settings.sources):
            self._turn_away(client)
            return
        self._on_client(client, self._settings)

    def _turn_away(self, client: Connection) -> None:
        if self._lines.of_source(client.address):
            log.info(
                "client turned away",
                listener=self._settings.label,
                address=str(client.address),
                reason="its address may not connect here",
            )
        client.close()

    def _pause(self, error: OSError) -> None:
        """Out of files or memory: let some sessions end before trying again, and don't fill the log."""
        if not self._paused_before:
            log.error("cannot accept clients", listener=self._settings.label, error=error.strerror)
        self._paused_before = True
        self._poller.forget(self._sock.fileno())
        self._loop.call_later(_PAUSE_SECONDS, self._resume)

    def _resume(self) -> None:
        if self._open:
            self._poller.watch(self._sock.fileno(), READABLE, self._accept)


def _listening_socket(settings: ListenerSettings, handed_over: HandedOver) -> socket.socket:
    """Raises `CannotListen`."""
    address = settings.address
    client_speaks_first = settings.tls == "implicit"
    sock = handed_over.take(settings.label, address.host, address.port)
    if sock is None:
        return bound(address.host, address.port, client_speaks_first=client_speaks_first)
    prepare(sock, client_speaks_first=client_speaks_first)
    # Whether accept() blocks is a property of the socket, which all processes that have it share: systemd
    # makes it block anew for each instance whose unit lacks NonBlocking=yes. So it blocks for a millisecond
    # at most.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _MILLISECOND)
    return sock
