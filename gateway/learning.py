"""Keeps what the backends offer before a login fresh."""

import asyncio

from gateway.house import House

_SECONDS_AT_START = 2.0


async def begin_learning(house: House) -> None:
    """Ask every backend once. One that is slow or down keeps nobody waiting for long: it's asked again."""
    asked = [asyncio.ensure_future(backend.learn()) for backend in house.backends.values()]
    if asked:
        _, slow = await asyncio.wait(asked, timeout=_SECONDS_AT_START)
        for one in slow:
            one.cancel()


async def keep_learning(house: House, seconds: float) -> None:
    """Runs for ever."""
    while True:
        await asyncio.sleep(seconds)
        await asyncio.gather(*(backend.learn() for backend in house.backends.values()))
