"""The gateway as one process: opened, run, drained and closed."""

import asyncio
import gc
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from config import Settings
from gateway.assembly import Parts, assemble
from gateway.control import Command, Control
from gateway.directory_sync import keep_in_sync
from gateway.forgetting import forget_what_is_old
from gateway.inherited import HandedOver, inherited_sockets
from gateway.learning import begin_learning, keep_learning
from gateway.listeners import Listeners
from gateway.log import log
from gateway.metrics.readiness import Readiness
from gateway.metrics.server import MetricsServer
from gateway.nudged import heed_nudges, heed_redis
from gateway.stopping import Stopping
from gateway.systemd import Notifier
from gateway.undumpable import forbid_dumps
from gateway.upkeep import upkeep
from gateway.watchdog import signs_of_life
from gateway.worker import ALONE, Worker

_SECONDS_TO_CLOSE = 10  # after the drain: what was remembered is written, and threads end


@dataclass(frozen=True, slots=True)
class _Opened:
    """What has its own turn when the gateway stops. `metrics` is None where nobody is to ask."""

    listeners: Listeners
    control: Control
    readiness: Readiness
    metrics: MetricsServer | None


async def serve(
    settings: Settings, on_ready: Callable[[], None] = lambda: None, worker: Worker = ALONE
) -> None:
    """Serve until SIGTERM or SIGINT; then drain. A second signal ends it at once.

    Raises `StoreUnavailable`, `PepperError`, `ConfigurationError` or OSError when it can't begin.
    """
    forbid_dumps()
    loop = asyncio.get_running_loop()
    stopping = Stopping()
    stopping.heed(loop, worker)
    notifier = Notifier(os.environ)
    async with AsyncExitStack() as stack:
        opened = await _open(settings, worker, stopping, loop, stack)
        gc.collect()
        gc.freeze()  # what lives as long as the process needs no looking at again
        on_ready()
        log.info("ready", pid=os.getpid())
        notifier.ready()  # from now on the one before may be told to drain
        await stopping.wanted.wait()
        opened.readiness.stop()
        limits = settings.limits
        notifier.stopping(limits.drain_notice_seconds + limits.drain_seconds + _SECONDS_TO_CLOSE)
        if not worker.supervised:  # else the supervisor has waited for all
            await stopping.notice(limits.drain_notice_seconds)
        # The next process may start while this one drains, and this one can still be asked.
        if opened.metrics is not None:
            await opened.metrics.close()
        opened.control.move(worker.control_socket(settings.control.socket, draining=True))
        await opened.listeners.drain(stopping.hurry)


async def _open(
    settings: Settings,
    worker: Worker,
    stopping: Stopping,
    loop: asyncio.AbstractEventLoop,
    stack: AsyncExitStack,
) -> _Opened:
    """Open everything; `stack` closes it in the reverse order."""
    parts = assemble(settings, loop, stack)
    listeners = Listeners(settings, parts.house, HandedOver(inherited_sockets(os.environ)))
    stack.push_async_callback(listeners.close)
    commands = parts.commands.by_name(worker, stopping.wanted.is_set)
    metrics = None
    if settings.metrics.address is not None:
        metrics, more = await _open_metrics(settings, parts, worker, loop)
        commands |= more
        stack.push_async_callback(metrics.close)
    control = Control(worker.control_socket(settings.control.socket), commands)
    await control.start()
    stack.push_async_callback(control.close)
    await parts.feed.begin(parts.revocation.apply_gap)
    for work in _background(settings, parts, worker, listeners):
        task = loop.create_task(work)
        task.add_done_callback(_watch_over)
        stack.push_async_callback(_end, task)
    await begin_learning(parts.house)
    listeners.start()
    parts.subject.readiness.open()
    return _Opened(listeners, control, parts.subject.readiness, metrics)


async def _open_metrics(
    settings: Settings, parts: Parts, worker: Worker, loop: asyncio.AbstractEventLoop
) -> tuple[MetricsServer, dict[str, Command]]:
    """The address for metrics, and commands for a supervisor. Who has no address needs no library for it."""
    from gateway.metrics.serving import commands_of_metrics, serve_metrics

    server = await serve_metrics(settings.metrics, parts.subject, worker, loop)
    return server, commands_of_metrics(parts.subject)


def _background(
    settings: Settings, parts: Parts, worker: Worker, listeners: Listeners
) -> Iterator[Coroutine[Any, Any, None]]:
    """What goes on for as long as the gateway serves."""
    revocation = parts.revocation
    yield parts.feed.follow(revocation.apply, revocation.apply_gap, revocation.bear_outage)
    if (nudges := parts.database.nudges()) is not None:
        yield heed_nudges(nudges, parts.feed, parts.house.loop)
    if parts.redis is not None:
        yield heed_redis(parts.redis, parts.feed)
    yield forget_what_is_old(parts.database, parts.threads)
    yield upkeep(parts.house, revocation, parts.threads, settings.limits.preauth_seconds)
    yield keep_learning(parts.house, settings.limits.learn_seconds)
    if settings.directory.sync_seconds and worker.number <= 1:  # one does it for all on this machine
        yield keep_in_sync(parts.database, settings, parts.directory_threads)
    yield from signs_of_life(os.environ, parts.feed, listeners, parts.house.sessions)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait((task,))


def _watch_over(task: asyncio.Task[None]) -> None:
    """Without one of these tasks no promise can be kept: go down at once, and let systemd start us anew."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("background task failed; stopping", exc_info=error)
        os._exit(os.EX_SOFTWARE)
