"""A connection before its first request can come: it's silent, or in the midst of a TLS handshake."""

import asyncio
import socket
import ssl
from collections.abc import Callable

from portal.door.places import Place
from portal.door.tls import Tls

OnOpen = Callable[["Arrival"], None]


class Arrival:
    """Holds the socket alone until the peer has said something, and no more than OpenSSL needs until it's in.

    `context` gives that of a handshake, when there is one to begin. `leave` is told at the end, `on_open`
    before, if it got that far.
    """

    __slots__ = ("_context", "_loop", "_on_end", "_on_open", "_patience", "place", "sock", "tls")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        place: Place,
        context: Callable[[], ssl.SSLContext],
        on_open: OnOpen,
        on_end: OnOpen,
    ) -> None:
        self._loop = loop
        self._context = context
        self._on_open = on_open
        self._on_end = on_end
        self._patience: asyncio.TimerHandle | None = None
        self.sock = sock
        self.tls: Tls | None = None
        self.place = place
        place.vacate = self.end

    def begin(self, seconds: float) -> None:
        """The handshake has so long from now on."""
        self._patience = self._loop.call_later(seconds, self.end)
        self._loop.add_reader(self.sock.fileno(), self._shake_hands)

    def end(self) -> None:
        """Close it at once."""
        self._part()
        self.sock.close()
        self.place.leave()

    def _shake_hands(self) -> None:
        try:
            if self.tls is None:
                self.tls = Tls(self.sock, self._context())
            self.tls.do_handshake()
        except (BlockingIOError, InterruptedError, ssl.SSLWantReadError):
            self._go_on_when_possible()
        except (
            OSError,
            ValueError,
        ):  # no TLS, none that fits, or it has left; strangers fill no log
            self.end()
        else:
            self._part()
            self._on_open(self)

    def _go_on_when_possible(self) -> None:
        if self.tls is not None and self.tls.unsent:
            self._loop.add_writer(self.sock.fileno(), self._shake_hands)
        else:
            self._loop.remove_writer(self.sock.fileno())

    def _part(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        self._loop.remove_reader(self.sock.fileno())
        self._loop.remove_writer(self.sock.fileno())
        self._on_end(self)
