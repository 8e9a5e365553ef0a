"""A browser's connection: uvicorn's, with an end to its patience.

uvicorn waits for a request without end, and counts whoever says nothing among the connections that may be
open. So a few lines of script would keep all others out (Slowloris).
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol


class Connection(H11Protocol):
    """It's closed when a request isn't complete `seconds` after the handshake, or after its own first byte.

    When all places are taken, a newcomer gets that of whoever has kept one for longest without having asked
    for anything. Real browsers ask at once.
    """

    def __init__(self, *uvicorns: Any, seconds: float, **named: Any) -> None:
        super().__init__(*uvicorns, **named)
        self._seconds = seconds
        self._waiting_since = 0.0
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """After the TLS handshake."""
        super().connection_made(transport)
        self._watch()
        if self.limit_concurrency is not None and len(self.connections) >= self.limit_concurrency:
            self._take_a_place()

    def connection_lost(self, exc: Exception | None) -> None:
        """By either side."""
        self._forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request, all of it, or several."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """The next request may lie in the buffer, begun or whole. For none uvicorn waits five seconds."""
        super().on_response_complete()
        if self.conn.trailing_data[0] or self.conn.their_state is h11.SEND_BODY:
            self._watch()

    def _watch(self) -> None:
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._forget()
        elif self._patience is None and not self.transport.is_closing():
            self._waiting_since = self.loop.time()
            self._patience = self.loop.call_later(self._seconds, self._give_up)

    def _forget(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        """Not by close(), which would wait for somebody who reads as slowly as they write."""
        self._forget()
        self.connections.discard(self)
        self.transport.abort()

    def _take_a_place(self) -> None:
        silent = [one for one in self._all() if one._patience is not None and one is not self]
        if silent:
            min(silent, key=lambda one: one._waiting_since)._give_up()

    def _all(self) -> list["Connection"]:
        return [one for one in self.connections if isinstance(one, Connection)]
