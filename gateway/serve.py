"""The gateway as one process: opened, run, drained and closed."""

import asyncio
import gc
import os
import resource
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from typing import Any

from config import Settings
from gateway.assembly import Parts, assemble
from gateway.control import Control
from gateway.directory_sync import keep_in_sync
from gateway.learning import begin_learning, keep_learning
from gateway.listeners import Listeners
from gateway.log import log
from gateway.nudged import heed_nudges
from gateway.upkeep import upkeep

_OBJECTS_BEFORE_GC = 20_000  # a login makes some hundred that end with it; few are left in circles


async def serve(settings: Settings, on_ready: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGTERM or SIGINT; then drain. A second signal ends it at once.

    Raises `StoreUnavailable`, `PepperError`, `ConfigurationError` or OSError when it can't begin.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold passwords
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        listeners, control = await _open(settings, loop, stack)
        gc.collect()
        gc.freeze()  # what lives as long as the process needs no looking at again
        gc.set_threshold(_OBJECTS_BEFORE_GC)
        on_ready()
        log.info("ready", pid=os.getpid())
        await stop.wait()
        stop.clear()
        await control.close()  # the next process may start while this one drains
        await listeners.drain(stop)


async def _open(
    settings: Settings, loop: asyncio.AbstractEventLoop, stack: AsyncExitStack
) -> tuple[Listeners, Control]:
    """Open everything; `stack` closes it in the reverse order."""
    parts = assemble(settings, loop, stack)
    listeners = Listeners(settings, parts.house)
    stack.push_async_callback(listeners.close)
    commands = parts.commands
    control = Control(
        settings.control.socket,
        {"sessions": commands.sessions, "kick": commands.kick, "status": commands.status},
    )
    await control.start()
    stack.push_async_callback(control.close)
    await parts.feed.begin(parts.revocation.apply_gap)
    for work in _background(settings, parts):
        task = loop.create_task(work)
        task.add_done_callback(_watch_over)
        stack.push_async_callback(_end, task)
    await begin_learning(parts.house)
    listeners.start()
    return listeners, control


def _background(settings: Settings, parts: Parts) -> Iterator[Coroutine[Any, Any, None]]:
    """What goes on for as long as the gateway serves."""
    revocation = parts.revocation
    yield parts.feed.follow(revocation.apply, revocation.apply_gap)
    if (nudges := parts.database.nudges()) is not None:
        yield heed_nudges(nudges, parts.feed, parts.house.loop)
    yield upkeep(parts.house, revocation, parts.threads, settings.limits.preauth_seconds)
    yield keep_learning(parts.house, settings.limits.learn_seconds)
    if settings.directory.sync_seconds:
        yield keep_in_sync(parts.database, settings, parts.directory_threads)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait((task,))


def _watch_over(task: asyncio.Task[None]) -> None:
    """Without one of these tasks no promise can be kept: go down at once, and let systemd start us anew."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("background task failed; stopping", exc_info=error)
        os._exit(os.EX_SOFTWARE)
