"""Listens on one address, and starts a session for each client that comes in."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from ipaddress import ip_address

from config import Listener as ListenerSettings
from gateway import cannot_listen
from gateway.connection import Connection, accepted, may_connect
from gateway.log import log
from gateway.poller import READABLE, Poller

_BACKLOG = 4096
_AT_ONCE = 64  # clients accepted before those who are in have their turn
_PAUSE_SECONDS = 0.5
_DEFER_SECONDS = 5
_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

OnClient = Callable[[Connection, ListenerSettings], None]


class Listener:
    """One listening socket."""

    __slots__ = ("_loop", "_on_client", "_open", "_paused_before", "_poller", "_settings", "_sock")

    def __init__(
        self,
        settings: ListenerSettings,
        poller: Poller,
        loop: asyncio.AbstractEventLoop,
        on_client: OnClient,
    ) -> None:
        self._settings = settings
        self._poller = poller
        self._loop = loop
        self._on_client = on_client
        try:
            self._sock = _bound(settings)
        except OSError as error:
            raise cannot_listen.on_address(settings.address, error) from None
        self._open = True
        self._paused_before = False

    def start(self) -> None:
        """Accept from now on."""
        self._sock.listen(_BACKLOG)
        self._poller.watch(self._sock.fileno(), READABLE, self._accept)
        log.info("listening", listener=self._settings.label, address=str(self._settings.address))

    def close(self) -> None:
        """Accept no more."""
        if self._open:
            self._open = False
            self._poller.forget(self._sock.fileno())
            self._sock.close()

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
                break
            self._welcome(accepted(sock, peer, self._poller, self._loop))
        return True

    def _welcome(self, client: Connection) -> None:
        # Behind a load balancer the client's own address is known only once its PROXY header is read.
        if not may_connect(client.address, self._settings.proxy_from or self._settings.sources):
            log.info(
                "client turned away",
                listener=self._settings.label,
                address=str(client.address),
                reason="its address may not connect here",
            )
            client.close()
            return
        self._on_client(client, self._settings)

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


def _bound(settings: ListenerSettings) -> socket.socket:
    """A bound socket. What is set here, accepted sockets inherit. Raises OSError."""
    host, port = settings.address.host, settings.address.port
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK, socket.IPPROTO_TCP)
    with contextlib.ExitStack() as on_error:
        on_error.callback(sock.close)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if settings.tls == "implicit":
            # The client speaks first: it's accepted once it has spoken, and the handshake needn't wait.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, _DEFER_SECONDS)
        if family == socket.AF_INET6:
            # "[::]" takes IPv4 clients too, as administrators expect of it.
            only_v6 = 0 if ip_address(address[0]).is_unspecified else 1
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only_v6)
        sock.bind(address)
        on_error.pop_all()
    return sock
