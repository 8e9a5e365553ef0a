"""Metrics and health of a gateway of several workers, served by their supervisor.

The workers have no address for it: at a reload, two with the same number live at the same time. They are
asked over their control sockets, those that drain too.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client.metrics_core import Metric

from config import Metrics
from gateway.log import log
from gateway.metrics.asking import WorkerProcess, ask_all
from gateway.metrics.exposition import Exposition
from gateway.metrics.family import counter, counters, gauges
from gateway.metrics.merging import LABEL, Merged, merged
from gateway.metrics.pages import Pages
from gateway.metrics.portable import unpacked
from gateway.metrics.process import process_metrics
from gateway.metrics.server import MetricsServer

_SUPERVISOR = "supervisor"


class SupervisorMetrics:
    """`processes` are the workers of now, `restarts` how often each number had to be started again, and
    `stopping` whether a stop was asked for."""

    __slots__ = ("_loop", "_processes", "_restarts", "_server", "_settings", "_stopping", "_unanswered")

    def __init__(
        self,
        processes: Callable[[], Sequence[WorkerProcess]],
        restarts: Callable[[], Mapping[int, int]],
        stopping: Callable[[], bool],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._processes = processes
        self._restarts = restarts
        self._stopping = stopping
        self._loop = loop
        self._unanswered = 0
        self._settings = Metrics()
        self._server: MetricsServer | None = None

    async def serve(self, settings: Metrics) -> None:
        """Where these settings say, and from then on nowhere else. Raises `CannotListen`, and all stays."""
        if settings == self._settings:
            return
        if settings.address == self._settings.address:
            await self.close()  # only who may ask has changed
        server = None
        if settings.address is not None:
            pages = Pages(Exposition(self._gather, self._loop).reply, self._obstacle)
            server = MetricsServer(settings, pages.answer)
            await server.start(settings.address)
        await self.close()
        self._settings, self._server = settings, server

    async def close(self) -> None:
        """Answer nobody. May be called again."""
        if self._server is not None:
            await self._server.close()
            self._server, self._settings = None, Metrics()

    async def _obstacle(self) -> str:
        if self._stopping():
            return "stopping"
        current = [one for one in self._processes() if one.current]
        answers = [answer for _, answer in await ask_all(current, "ready") if answer is not None]
        if any(answer.get("obstacle") == "" for answer in answers):
            return ""
        return next(
            (str(answer["obstacle"]) for answer in answers if "obstacle" in answer), "no worker serves"
        )

    async def _gather(self) -> Merged:
        by_worker: dict[str, list[Metric]] = {}
        up: dict[tuple[str, ...], float] = {}
        for process, answer in await ask_all(self._processes(), "metrics"):
            try:
                families = list(unpacked(answer["families"])) if answer is not None else None
            except (KeyError, ValueError) as error:
                log.error("metrics of a worker can't be read", worker=process.label, problem=str(error))
                families = None
            up[(process.label,)] = families is not None
            if families is None:
                self._unanswered += 1
            else:
                by_worker[process.label] = families
        by_worker[_SUPERVISOR] = list(process_metrics())
        return Merged((*merged(by_worker).families, *self._own(up)))

    def _own(self, up: Mapping[tuple[str, ...], float]) -> Iterator[Metric]:
        yield gauges("worker_up", "1 if the worker process answered this scrape.", (LABEL,), up)
        restarts: dict[tuple[str, ...], float] = {(label,): 0 for (label,) in up if label.isdecimal()}
        restarts.update({(str(number),): count for number, count in self._restarts().items()})
        yield counters(
            "worker_restarts",
            "Times that a worker ended by itself and was started again.",
            (LABEL,),
            restarts,
        )
        yield counter("worker_unanswered", "Scrapes that a worker didn't answer in time.", self._unanswered)
