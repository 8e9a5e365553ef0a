"""Nudges from where nobody may wait: a command that has written, or a thread of the gateway."""

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from threading import Lock, Thread

from config import Cache

_SECONDS = 0.5  # that close() waits for what is on its way


class Announcer:
    """Call it after a change is written: it returns at once, and a thread of its own tells Redis.

    Nothing fails by it. Several calls while the thread is busy are told as one. Without a Redis it does
    nothing.
    """

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._lock = Lock()
        self._thread: Thread | None = None
        self._wake: Callable[[], object] = _nobody_sleeps
        self._due = False
        self._closing = False

    def __call__(self) -> None:
        if self._cache.address is None:
            return
        with self._lock:
            self._due = True
            if self._thread is None:
                self._thread = Thread(target=self._work, name="announcing", daemon=True)
                self._thread.start()
            self._wake()

    def close(self) -> None:
        """Give what is due half a second, and leave."""
        with self._lock:
            self._closing = True
            self._wake()
        if self._thread is not None:
            self._thread.join(_SECONDS)

    def _work(self) -> None:
        # Whatever goes wrong, the change is written, and found without a nudge.
        with contextlib.suppress(Exception):
            asyncio.run(self._tell())

    async def _tell(self) -> None:
        from store.redis.client import open_redis  # only who has something to tell loads it
        from store.redis.nudges import publish

        redis = open_redis(self._cache, sealing=False)  # a nudge holds nothing that could be sealed
        assert redis is not None, "else no thread is started"
        wake, loop = asyncio.Event(), asyncio.get_running_loop()
        with self._lock:
            self._wake = partial(loop.call_soon_threadsafe, wake.set)
        try:
            while await self._takes_turn(wake):
                await publish(redis)
        finally:
            with self._lock:
                self._wake = _nobody_sleeps
            await redis.close()

    async def _takes_turn(self, wake: asyncio.Event) -> bool:
        """Wait until there is something to tell, or nothing will be."""
        while True:
            wake.clear()
            with self._lock:
                if self._due:
                    self._due = False
                    return True
                if self._closing:
                    return False
            await wake.wait()


def _nobody_sleeps() -> None:
    """Who is on the way out hears of nothing more."""
