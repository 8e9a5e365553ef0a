"""Runs the store's blocking calls in threads of their own, in bounded number."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from store.database import StoreUnavailable

P = ParamSpec("P")
T = TypeVar("T")
_MAX_WAITING = 512


class StoreThreads:
    """A few threads for the store; a call beyond what may wait for them counts as an outage."""

    __slots__ = ("_executor", "_loop", "_under_way")

    def __init__(self, loop: asyncio.AbstractEventLoop, threads: int = 4) -> None:
        self._loop = loop
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="store")
        self._under_way = 0

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result. Raises what it raises, and `StoreUnavailable` when too many wait already."""
        if self._under_way >= _MAX_WAITING:
            raise StoreUnavailable("too many logins wait for the store")
        self._under_way += 1
        try:
            return await self._loop.run_in_executor(self._executor, lambda: function(*args, **kwargs))
        finally:
            self._under_way -= 1

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
