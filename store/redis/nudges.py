"""Pub/sub: a writer's hint that there is something new in the change feed.

It may come late, twice or never, and from anybody who can write to Redis. Nothing is read from it but that it
came, and whoever relies on the feed polls it all the same.
"""

import asyncio
import contextlib
from collections.abc import Callable

from store.redis.client import Redis

CHANNEL = "changes"
_SUBSCRIBE_SECONDS = 2.0
_RETRY_SECONDS = 1.0
_DISTANCE_SECONDS = 0.05  # more of them make nothing sooner, and keep the process busy


async def publish(redis: Redis) -> None:
    """Nudge all who listen."""
    await redis.ask(lambda client: client.publish(redis.key(CHANNEL), b""))


async def heed(redis: Redis, on_nudge: Callable[[], None]) -> None:
    """Call `on_nudge` at every nudge, for ever. What breaks is begun anew."""
    while True:
        with contextlib.suppress(Exception):  # whatever it was, it's tried again
            await _listen(redis, on_nudge)
        await asyncio.sleep(_RETRY_SECONDS)


async def _listen(redis: Redis, on_nudge: Callable[[], None]) -> None:
    subscription = redis.subscription()
    try:
        async with asyncio.timeout(_SUBSCRIBE_SECONDS):
            await subscription.subscribe(redis.key(CHANNEL))
        on_nudge()  # nobody knows what was missed
        while True:
            if await subscription.get_message(ignore_subscribe_messages=True, timeout=None) is not None:
                on_nudge()
                await asyncio.sleep(_DISTANCE_SECONDS)
    finally:
        with contextlib.suppress(Exception):
            await subscription.aclose()  # type: ignore[no-untyped-call]
