"""When to stop: by signals, and when the supervisor is gone."""

import asyncio
import contextlib
import signal

from gateway import lifeline
from gateway.log import log
from gateway.worker import Worker


class Stopping:
    """`wanted` is set by the first signal, `hurry` by the second."""

    __slots__ = ("hurry", "wanted")

    def __init__(self) -> None:
        self.wanted = asyncio.Event()
        self.hurry = asyncio.Event()

    def heed(self, loop: asyncio.AbstractEventLoop, worker: Worker) -> None:
        """Listen to signals, and to the supervisor if there is one.

        Ctrl-C in a terminal reaches every process in it. A supervised worker was started without an ear for
        it: the supervisor hears it for all, and what it then sends would look like the second signal.
        """
        loop.add_signal_handler(signal.SIGTERM, self.ask)
        if worker.supervised:
            lifeline.watch(loop, self._on_supervisor_gone)
        else:
            loop.add_signal_handler(signal.SIGINT, self.ask)

    def ask(self) -> None:
        """Stop; asked a second time, at once."""
        (self.hurry if self.wanted.is_set() else self.wanted).set()

    async def notice(self, seconds: float) -> None:
        """Wait until load balancers have noticed, or somebody is in a hurry."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.hurry.wait()

    def _on_supervisor_gone(self) -> None:
        if not self.wanted.is_set():
            log.warning("the supervisor is gone; draining")
        self.wanted.set()
