"""Whose turn it is to ask another server: about a main password, or at an OpenID Connect provider.

That may take long, and strangers can cause it. So few ask at one time, few wait, and of both a source has a
part.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from anyio import CapacityLimiter

from store.source import Source


class NoTurn(Exception):
    """There are too many already, of this source or in all."""


@dataclass(frozen=True, slots=True)
class Most:
    """How many at one time, in all and of one source. `waiting` come on top of `running`."""

    running: int = 16
    running_of_source: int = 4
    waiting: int = 64
    waiting_of_source: int = 16


class Turns:
    """The next turn is always that of the source with the fewest running; among equals, of the one that has
    waited longest for it.

    When as many wait as may, the source with most of them gives up its last one for a source that has fewer.
    So a source that fills the queue keeps no other out of it. `threads` are for those who have their turn.
    """

    def __init__(self, most: Most | None = None) -> None:
        self._most = most or Most()
        self.threads = CapacityLimiter(self._most.running)
        self._running: Counter[Source] = Counter()
        self._waiting: dict[Source, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def turn(self, source: Source) -> AsyncIterator[None]:
        """Within it, one more of this source may ask. Raises NoTurn."""
        await self._wait(source)
        try:
            yield
        finally:
            self._end(source)
            self._go_on()

    async def _wait(self, source: Source) -> None:
        """Until `source` is counted among the running."""
        if not self._waiting.get(source) and self._may_run(source):
            self._running[source] += 1
            return
        self._make_room(source)
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(source, deque()).append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._end(source)  # its turn had come
                self._go_on()
            else:
                self._forget(source, waiter)
            raise

    def _may_run(self, source: Source) -> bool:
        return (
            self._running.total() < self._most.running
            and self._running[source] < self._most.running_of_source
        )

    def _make_room(self, source: Source) -> None:
        """Raises NoTurn."""
        own = len(self._waiting.get(source, ()))
        if own >= self._most.waiting_of_source:
            raise NoTurn
        if sum(map(len, self._waiting.values())) < self._most.waiting:
            return
        heaviest = max(self._waiting, key=lambda one: len(self._waiting[one]))
        if len(self._waiting[heaviest]) <= own + 1:
            raise NoTurn
        last = self._waiting[heaviest][-1]
        self._forget(heaviest, last)
        last.set_exception(NoTurn())

    def _go_on(self) -> None:
        ready = [source for source in self._waiting if self._may_run(source)]
        if not ready:
            return
        source = min(ready, key=lambda one: self._running[one])
        waiter = self._waiting[source][0]
        self._forget(source, waiter)
        if source in self._waiting:  # the others of that source have had one
            self._waiting[source] = self._waiting.pop(source)
        self._running[source] += 1
        waiter.set_result(None)

    def _end(self, source: Source) -> None:
        self._running[source] -= 1
        if not self._running[source]:
            del self._running[source]

    def _forget(self, source: Source, waiter: asyncio.Future[None]) -> None:
        waiters = self._waiting.get(source)
        if waiters is not None and waiter in waiters:
            waiters.remove(waiter)
            if not waiters:
                del self._waiting[source]
