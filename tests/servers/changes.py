"""Waiting for something that another task brings about."""

import asyncio
from collections.abc import Callable


class Changes:
    """`tell` after every change; `until` waits for the change that makes a condition true."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        self._event.set()

    async def until(self, happened: Callable[[], bool], seconds: float = 10) -> None:
        """Returns as soon as `happened()` is true. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not happened():
                self._event.clear()
                await self._event.wait()
