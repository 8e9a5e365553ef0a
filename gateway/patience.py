"""Deadlines by the second, for very many waits of the same length.

A timer of its own for each wait would cost more than most waits take. Whoever waits is kept in the order of
arrival instead, and the overdue are at the front.
"""

import asyncio
from typing import Protocol


class Waiting(Protocol):
    """Something that waits for a peer. `fail` makes the wait end with this error."""

    def fail(self, error: Exception) -> None: ...


class Patience:
    """Lets each wait last for `seconds`, and up to one more, as it looks once a second."""

    __slots__ = ("_begun", "_loop", "_seconds")

    def __init__(self, seconds: float, loop: asyncio.AbstractEventLoop) -> None:
        self._seconds = seconds
        self._loop = loop
        self._begun: dict[Waiting, float] = {}

    def begin(self, waiting: Waiting) -> None:
        self._begun[waiting] = self._loop.time()

    def end(self, waiting: Waiting) -> None:
        """Harmless for one that isn't waiting."""
        self._begun.pop(waiting, None)

    def look(self) -> None:
        """Fail the waits that are overdue."""
        limit = self._loop.time() - self._seconds
        while (oldest := next(iter(self._begun.items()), None)) is not None and oldest[1] <= limit:
            waiting = oldest[0]
            del self._begun[waiting]
            waiting.fail(TimeoutError(f"no answer within {self._seconds:g} seconds"))
