"""Fault proxies in a thread of their own: what a test does holds up nobody who talks through them."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from tests.servers.fault_proxy import FaultProxy, Mode

T = TypeVar("T")
_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Cable:
    """Leads from `port` on loopback to a server, until somebody breaks it."""

    port: int
    _proxy: FaultProxy
    _call: Callable[[Callable[[], None]], None]

    def switch(self, mode: Mode) -> None:
        """Change what happens to connections there are and to those to come."""
        self._call(lambda: self._proxy.switch(mode))

    def mend(self) -> None:
        self.switch(Mode())

    def lose(self) -> None:
        """The connections there are go silently dead. New ones work."""
        self._call(self._proxy.lose)


class Cables:
    """`with Cables() as cables`: `lay` as many as you like. All are gone at the end of the block."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cables")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def lay(self, host: str, port: int) -> Cable:
        """A cable to that server, which need not be there yet."""
        proxy = self._run(self._stack.enter_async_context(FaultProxy(host, port)))
        return Cable(proxy.port, proxy, self._call)

    def _call(self, function: Callable[[], None]) -> None:
        async def called() -> None:
            function()

        self._run(called())

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_SECONDS)
