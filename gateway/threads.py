"""Runs calls that block (the store's, the directory's) in threads of their own, in bounded number."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_MAX_WAITING = 512


class BoundedThreads:
    """A few threads for one purpose; a call beyond what may wait for them counts as its outage.

    `outage` makes the exception for that, from a sentence.
    """

    __slots__ = ("_executor", "_loop", "_outage", "_purpose", "_under_way")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        purpose: str,
        outage: Callable[[str], Exception],
        threads: int = 4,
    ) -> None:
        self._loop = loop
        self._purpose = purpose
        self._outage = outage
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=purpose)
        self._under_way = 0

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result. Raises what it raises, and the outage when too many wait already."""
        if self._under_way >= _MAX_WAITING:
            raise self._outage(f"too many logins wait for the {self._purpose}")
        self._under_way += 1
        try:
            return await self._loop.run_in_executor(self._executor, lambda: function(*args, **kwargs))
        finally:
            self._under_way -= 1

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)
