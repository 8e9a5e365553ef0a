"""The life of the supervisor: start the workers, replace them at a reload, stop them."""

import asyncio
import os
import signal

from config import Settings
from gateway.cannot_listen import CannotListen
from gateway.log import log
from gateway.metrics.asking import WorkerProcess
from gateway.metrics.supervised import SupervisorMetrics
from gateway.stopping import Stopping
from gateway.supervisor.checking import NotUsable, checked
from gateway.supervisor.crew import Crew
from gateway.supervisor.doors import Doors
from gateway.supervisor.provision import Equipment
from gateway.supervisor.replacement import NotReplaced, replace
from gateway.systemd import Notifier
from gateway.worker import ALONE

_HURRY_SECONDS = 5.0
_NOT_USED = "configuration not used; all goes on as before. Correct it and reload again"


class Supervisor:
    """Heeds SIGHUP, SIGTERM and SIGINT."""

    __slots__ = (
        "_crew",
        "_doors",
        "_equipment",
        "_metrics",
        "_notifier",
        "_reload_wanted",
        "_settings",
        "_stopping",
    )

    def __init__(self, crew: Crew, doors: Doors, notifier: Notifier, equipment: Equipment) -> None:
        self._crew = crew
        self._doors = doors
        self._notifier = notifier
        self._equipment = equipment
        self._stopping = Stopping()
        self._reload_wanted = asyncio.Event()
        self._settings: Settings | None = None
        self._metrics = SupervisorMetrics(
            self._processes, lambda: crew.restarts, self._stopping.wanted.is_set, asyncio.get_running_loop()
        )

    async def run(self, settings: Settings) -> int:
        """Returns the exit code once nobody works any more. Raises `CannotListen`."""
        loop = asyncio.get_running_loop()
        self._stopping.heed(loop, ALONE)
        loop.add_signal_handler(signal.SIGHUP, self._reload_wanted.set)
        code = 0
        life = loop.create_task(self._live(settings))
        stop = loop.create_task(self._stopping.wanted.wait())
        await asyncio.wait((life, stop), return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if life.done():
            code = life.result()
        life.cancel()
        await self._end()
        return code

    async def _live(self, settings: Settings) -> int:
        """Returns only when nobody can work: the exit code of one who could not."""
        self._settings = settings
        await self._metrics.serve(settings.metrics)
        if code := await self._begin(settings):
            return code
        self._notifier.ready()
        log.info("ready", pid=os.getpid(), workers=len(self._crew.working))
        while True:
            await self._reload_wanted.wait()
            self._reload_wanted.clear()  # one that is asked for from now on comes after this one
            self._notifier.reloading()
            await self._reload()
            self._notifier.ready()

    async def _begin(self, settings: Settings) -> int:
        """Start the first, then the others. If the first can't begin, it has said why, and we end."""
        provision = self._equipment.provide(settings, self._doors.open(settings.listener))
        if code := await self._crew.hire(1, provision).began:
            return code
        others = [self._crew.hire(number, provision).began for number in range(2, provision.workers + 1)]
        if others:
            await asyncio.wait(others)
        return 0

    async def _reload(self) -> None:
        """Raises nothing: whatever is wrong, those who work go on."""
        assert self._settings is not None
        before = self._settings
        try:
            settings = await checked(self._equipment.config_path)
            provision = self._equipment.provide(settings, self._doors.open(settings.listener))
        except NotUsable as error:
            for problem in error.problems:
                log.error(_NOT_USED, problem=problem)
            return
        except CannotListen as error:
            log.error(_NOT_USED, problem=str(error))
            return
        try:
            await replace(self._crew, provision, lambda: self._doors.close_others(settings.listener))
        except NotReplaced as error:
            log.error("reload given up", problem=str(error))
            if not error.some:
                self._doors.close_others(before.listener)
            return
        self._settings = settings
        try:
            await self._metrics.serve(settings.metrics)
        except CannotListen as error:
            log.error("metrics stay where they were. Correct it and reload again", problem=str(error))
        log.info("reloaded", workers=provision.workers)

    def _processes(self) -> list[WorkerProcess]:
        return self._crew.processes(self._settings.control.socket) if self._settings is not None else []

    async def _end(self) -> None:
        """Everybody drains at the same time; after a second signal everybody ends at once."""
        notice = 0.0
        if self._settings is not None and self._stopping.wanted.is_set():
            notice = self._settings.limits.drain_notice_seconds
        self._notifier.stopping(notice + self._crew.longest_drain)
        await self._stopping.notice(notice)
        await self._metrics.close()
        self._doors.close()
        self._crew.retire_all()
        if self._stopping.wanted.is_set():
            log.info("stopping", seconds=self._crew.longest_drain)
        left = asyncio.ensure_future(self._crew.everybody_left())
        hurry = asyncio.ensure_future(self._stopping.hurry.wait())
        await asyncio.wait((left, hurry), return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        if not left.done():
            self._crew.hurry()
            await asyncio.wait((left,), timeout=_HURRY_SECONDS)
            self._crew.kill()
        await left
