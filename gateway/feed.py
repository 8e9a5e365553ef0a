"""Follows the store's change feed, so that what is remembered or alive here never outlives a change."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from gateway.log import log
from gateway.threads import BoundedThreads
from store import changes
from store.database import Database, StoreUnavailable
from store.model import Change

_DISTANCE_SECONDS = 0.05  # between polls, however many are in a hurry

P = ParamSpec("P")
T = TypeVar("T")

OnChanges = Callable[[Sequence[Change]], Awaitable[None]]
OnGap = Callable[[str], Awaitable[None]]
OnOutage = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class FeedStore:
    """A thread and a connection to the store that the feed, and what revocation reads, have for themselves.

    Look-ups that strangers cause have others: however many wait there, a change is heard of as soon as ever.
    """

    database: Database
    threads: BoundedThreads

    async def run(self, read: Callable[Concatenate[Database, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the store has. Raises `StoreUnavailable`."""
        return await self.threads.run(read, self.database, *args, **kwargs)


class Feed:
    """Polls the feed. `on_changes` gets what is new.

    `on_gap` is told, with the history as it is now, when nobody knows what was missed: because too much time
    passed unseen, or because the store goes on with another history.
    """

    __slots__ = (
        "_asked",
        "_history",
        "_hurry",
        "_lease",
        "_loop",
        "_position",
        "_seconds",
        "_seen_at",
        "_store",
        "_turned_at",
        "nudges",
    )

    def __init__(
        self,
        store: FeedStore,
        loop: asyncio.AbstractEventLoop,
        *,
        seconds: float,
        lease: float,
    ) -> None:
        self._store = store
        self._loop = loop
        self._seconds = seconds
        self._lease = lease
        self._history = ""
        self._position = 0
        self._seen_at = -lease
        self._turned_at = loop.time()
        self._hurry = asyncio.Event()
        self._asked: list[asyncio.Future[None]] = []
        self.nudges = 0

    def is_fresh(self) -> bool:
        """Whether the feed was seen within the lease. If not, nobody can tell what was revoked meanwhile."""
        return self._loop.time() - self._seen_at < self._lease

    @property
    def lag(self) -> float:
        """Seconds since the feed was last seen."""
        return self._loop.time() - self._seen_at

    @property
    def seconds_since_a_turn(self) -> float:
        """Since an attempt at the feed last came to its end, whichever."""
        return self._loop.time() - self._turned_at

    @property
    def position(self) -> int | None:
        """Up to where every change was dealt with; None before the feed was first seen."""
        return self._position if self._history else None

    async def begin(self, on_gap: OnGap) -> None:
        """Find where the feed stands now, and tell `on_gap`. Raises `StoreUnavailable`."""
        asked_at = self._loop.time()
        await self._begin_history(on_gap)
        self._seen_at = asked_at

    def hasten(self) -> None:
        """Poll soon: there may be something new."""
        self.nudges += 1
        self._hurry.set()

    async def catch_up(self) -> None:
        """Return once every change from before this call has been dealt with. Raises `StoreUnavailable`.

        All who ask at the same time are served by one poll, and hurried polls keep a distance.
        """
        asked: asyncio.Future[None] = self._loop.create_future()
        self._asked.append(asked)
        self._hurry.set()
        await asked

    async def follow(
        self, on_changes: OnChanges, on_gap: OnGap, on_outage: OnOutage = lambda lag: None
    ) -> None:
        """Poll for ever. A change counts as seen only after `on_changes` has dealt with it.

        `on_outage` is told after each poll that failed for how long the feed hasn't been seen.
        """
        reported = False
        while True:
            await self._pause()
            asked, self._asked = self._asked, []
            try:
                await self._poll(on_changes, on_gap)
            except StoreUnavailable as error:
                _answer(asked, error)
                on_outage(self.lag)
                if not reported:
                    log.error("change feed cannot be read", error=str(error))
                reported = True
            else:
                _answer(asked, None)
                if reported:
                    log.info("change feed is back")
                reported = False
            self._turned_at = self._loop.time()

    async def _pause(self) -> None:
        """Until the next poll is due, or somebody is in a hurry."""
        distance = min(_DISTANCE_SECONDS, self._seconds)
        await asyncio.sleep(distance)
        try:
            async with asyncio.timeout(self._seconds - distance):
                await self._hurry.wait()
        except TimeoutError:
            pass
        self._hurry.clear()

    async def _poll(self, on_changes: OnChanges, on_gap: OnGap) -> None:
        while True:
            asked_at = self._loop.time()
            news = await self._store.run(changes.news, self._history, self._position)
            if news.history != self._history:
                log.warning("the store goes on with another history; nothing that is remembered is believed")
                await self._begin_history(on_gap)
                continue
            if not self.is_fresh():
                await on_gap(self._history)
            if not news.changes:
                break
            await on_changes(news.changes)
            self._position = news.changes[-1].position
            self._turned_at = self._loop.time()
        self._seen_at = asked_at

    async def _begin_history(self, on_gap: OnGap) -> None:
        history, position = await self._store.run(_standing)
        await on_gap(history)
        self._history, self._position = history, position


def _answer(asked: list[asyncio.Future[None]], error: StoreUnavailable | None) -> None:
    for one in asked:
        if one.done():
            continue  # whoever asked has been cut
        if error is None:
            one.set_result(None)
        else:
            one.set_exception(error)


def _standing(database: Database) -> tuple[str, int]:
    with database.read() as connection:
        return changes.history(connection), changes.position(connection)
