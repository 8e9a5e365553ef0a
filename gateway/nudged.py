"""Hastens the feed when the store or Redis nudges. Without nudges it is as right, and a little later."""

import asyncio
from typing import TYPE_CHECKING

from gateway.feed import Feed
from gateway.threads import BoundedThreads
from store.database import Nudges, StoreUnavailable

if TYPE_CHECKING:  # a gateway without Redis doesn't load its driver
    from store.redis.client import Redis

_SECONDS = 5.0  # one wait; then the next begins


async def heed_nudges(nudges: Nudges, feed: Feed, loop: asyncio.AbstractEventLoop) -> None:
    """Runs for ever. The thread in which it waits ends with it."""
    threads = BoundedThreads(loop, "nudges", StoreUnavailable, threads=1)
    try:
        while True:
            if await threads.run(nudges.wait, _SECONDS):
                feed.hasten()
    finally:
        nudges.close()
        threads.close()


async def heed_redis(redis: "Redis", feed: Feed) -> None:
    """Runs for ever."""
    from store.redis.nudges import heed

    await heed(redis, feed.hasten)
