"""Hastens the feed when the store nudges. Without nudges the feed is as right, and a little later."""

import asyncio

from gateway.feed import Feed
from gateway.threads import BoundedThreads
from store.database import Nudges, StoreUnavailable

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
