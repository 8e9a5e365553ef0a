"""Accepts connections, gives each a place or none, and hands those that are in to HTTP."""

import asyncio
import errno
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from config import Network
from portal.client_address import peer_address
from portal.door.arrival import Arrival
from portal.door.places import Place, Places
from portal.door.tls import Tls
from portal.door.wire import Wire
from portal.log import log
from store.source import Source, source_of

_AT_ONCE = 64  # accepted before those who are in have their turn
_PAUSE_SECONDS = 0.5
_COMPLAINT_SECONDS = 10.0
_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
_GONE = (BlockingIOError, InterruptedError, ConnectionAbortedError)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the configuration allows. `stall_seconds`: how long a client may take nothing of an answer."""

    connections: int
    connections_of_source: int
    handshake_seconds: float
    stall_seconds: float
    proxies: tuple[Network, ...]


class Door:
    """One listening socket. `context` gives that of the next handshake; None: no TLS is spoken."""

    def __init__(
        self, listening: socket.socket, bounds: Bounds, context: Callable[[], ssl.SSLContext] | None
    ) -> None:
        self._listening = listening
        self._bounds = bounds
        self._context = context
        self._places = Places(bounds.connections, bounds.connections_of_source)
        self._arrivals: set[Arrival] = set()
        self._refused = 0
        self._complained: float | None = None

    def open(self, welcome: Callable[[Place], asyncio.Protocol]) -> None:
        """Accept from now on, in the running loop. `welcome` makes what speaks with a client that is in."""
        self._loop = asyncio.get_running_loop()
        self._welcome = welcome
        self._listening.setblocking(False)
        self._loop.add_reader(self._listening.fileno(), self._accept)

    def close(self) -> None:
        """Accept no more, and let no client in that isn't. May be called again."""
        if self._listening.fileno() < 0:
            return
        self._loop.remove_reader(self._listening.fileno())
        self._listening.close()
        for one in list(self._arrivals):
            one.end()

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                sock, peer = self._listening.accept()
            except _GONE:
                return
            except OSError as error:
                if error.errno not in _NO_ROOM:
                    raise
                self._pause(error)
                return
            sock.setblocking(False)
            self._admit(sock, peer)

    def _admit(self, sock: socket.socket, peer: Any) -> None:
        place = self._places.enter(self._source(peer[0]), sock.close)
        if place is None:
            sock.close()
            self._complain()
        elif self._context is None:
            self._open(sock, None, place, peer)
        else:
            arrival = Arrival(self._loop, sock, place, self._context, self._let_in, self._arrivals.discard)
            self._arrivals.add(arrival)
            arrival.begin(self._bounds.handshake_seconds)

    def _source(self, host: str) -> Source | None:
        """None for a web server in front: all clients come through it."""
        address = peer_address(host)
        if any(address in network for network in self._bounds.proxies):
            return None
        return source_of(address)

    def _let_in(self, arrival: Arrival) -> None:
        try:
            peer = arrival.sock.getpeername()
        except OSError:  # it has left meanwhile
            arrival.sock.close()
            arrival.place.leave()
        else:
            self._open(arrival.sock, arrival.tls, arrival.place, peer)

    def _open(self, sock: socket.socket, tls: Tls | None, place: Place, peer: Any) -> None:
        extra = {"peername": peer[:2], "sockname": sock.getsockname()[:2]}
        if tls is not None:
            extra |= {"sslcontext": tls.context}
        wire = Wire(self._loop, sock, tls, place, self._bounds.stall_seconds, extra)
        wire.begin(self._welcome(place))

    def _complain(self) -> None:
        """Once, and then how often since, so that strangers can't fill the log."""
        self._refused += 1
        now = self._loop.time()
        if self._complained is None or now - self._complained >= _COMPLAINT_SECONDS:
            log.warning(
                "connections refused: clients that wait for an answer have all places of a source or in all. "
                "If they are users, raise portal.max_connections_per_source or portal.max_connections",
                count=self._refused,
            )
            self._complained, self._refused = now, 0

    def _pause(self, error: OSError) -> None:
        """Out of files or memory: the oldest makes room, and some time passes."""
        log.error("cannot accept connections", error=error.strerror)
        self._places.make_room()
        self._loop.remove_reader(self._listening.fileno())
        self._loop.call_later(_PAUSE_SECONDS, self._resume)

    def _resume(self) -> None:
        if self._listening.fileno() >= 0:
            self._loop.add_reader(self._listening.fileno(), self._accept)
