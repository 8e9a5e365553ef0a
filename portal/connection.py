"""A browser's connection: uvicorn's, with an end to its patience.

uvicorn waits for a request without end, so a few lines of script would hold many places for long (Slowloris).
"""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from portal.door.places import Place


class Connection(H11Protocol):
    """It's closed when a request isn't complete `seconds` after the handshake, or after its own first byte.

    `place` is told which side waits for the other.
    """

    def __init__(self, *uvicorns: Any, place: Place, seconds: float, **named: Any) -> None:
        super().__init__(*uvicorns, **named)
        self._place = place
        self._seconds = seconds
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """After the TLS handshake."""
        super().connection_made(transport)
        self._watch()

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
        self._place.wait()
        super().on_response_complete()
        if self.conn.trailing_data[0] or self.conn.their_state is not h11.IDLE:
            self._watch()

    def pause_writing(self) -> None:
        """The client doesn't take its answer: now it's the one that is waited for."""
        super().pause_writing()
        self._place.wait()

    def resume_writing(self) -> None:
        """It does."""
        super().resume_writing()
        if self.cycle is not None and not self.cycle.response_complete:
            self._watch()

    def _watch(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._forget()
            self._place.serve()
        elif self._patience is None:
            self._place.wait()
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
