"""The workers: started, watched, started again when they end, replaced and stopped."""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

from twisted.internet.error import ProcessExitedAlready
from twisted.runner.procmon import ProcessMonitor

from gateway.log import log
from gateway.metrics.asking import WorkerProcess
from gateway.supervisor.provision import Provision
from gateway.supervisor.spawner import Spawner
from gateway.worker import control_socket_of

_START_SECONDS = 90.0  # until it must have said that it serves, as systemd's own TimeoutStartSec
_STEADY_SECONDS = 10.0  # who lived as long is started again at once, who ended sooner later and later
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 30.0
_BESIDES_DRAINING = 15.0  # seconds for all else that a worker does at its end


class Hand:
    """One worker, which may be several processes in turn.

    `began` is None once the first of them serves, or the exit code with which it ended before.
    """

    __slots__ = ("began", "heard_at", "name", "number", "pid", "process", "retired", "serves", "status")

    def __init__(self, name: str, number: int, began: asyncio.Future[int | None]) -> None:
        self.name = name
        self.number = number
        self.began = began
        self.process: Any = None  # Twisted's transport, while there is a process
        self.pid = 0
        self.serves = False
        self.retired = False
        self.status = ""
        self.heard_at = 0.0


class Crew:
    """Everybody who works, and those who were told to end and still drain."""

    __slots__ = (
        "_hands",
        "_hired",
        "_looked_at",
        "_loop",
        "_monitor",
        "_nobody",
        "_provisions",
        "_watchdog_seconds",
        "restarts",
    )

    def __init__(self, reactor: Any, loop: asyncio.AbstractEventLoop, watchdog_seconds: float) -> None:
        self._loop = loop
        self._watchdog_seconds = watchdog_seconds
        self._looked_at = loop.time()
        self._hired = 0
        self.restarts: Counter[int] = Counter()  # of workers that ended by themselves, by number
        self._hands: dict[str, Hand] = {}
        self._provisions: dict[str, Provision] = {}
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._monitor = ProcessMonitor(Spawner(reactor, self._provisions, self._on_start, self._on_end))
        self._monitor.threshold = _STEADY_SECONDS
        self._monitor.minRestartDelay = _FIRST_PAUSE
        self._monitor.maxRestartDelay = _LONGEST_PAUSE
        self._monitor.startService()

    @property
    def working(self) -> list[Hand]:
        """Those who weren't told to end, by number."""
        hands = [hand for hand in self._hands.values() if not hand.retired]
        return sorted(hands, key=lambda hand: hand.number)

    def processes(self, control_socket: Path) -> list[WorkerProcess]:
        """Who can be asked: by number, and those who drain by number and process."""
        return [
            WorkerProcess(
                f"{hand.number}-{hand.pid}" if hand.retired else str(hand.number),
                control_socket_of(control_socket, hand.number, hand.pid),
                not hand.retired,
            )
            for hand in self._hands.values()
            if hand.process is not None or not hand.retired
        ]

    def hire(self, number: int, provision: Provision) -> Hand:
        """Start a worker."""
        self._hired += 1
        name = f"{number}/{self._hired}"
        hand = Hand(name, number, self._loop.create_future())
        self._hands[name] = hand
        self._provisions[name] = provision
        self._nobody.clear()
        self._monitor.addProcess(name, provision.arguments(number), env=dict(provision.environment))
        return hand

    @property
    def longest_drain(self) -> float:
        """How long it may take until everybody has left."""
        return _BESIDES_DRAINING + max((one.drain_seconds for one in self._provisions.values()), default=0.0)

    def summary(self) -> str:
        """A line for people."""
        each = (
            f"worker {hand.number}: {hand.status if hand.serves else 'starting'}" for hand in self.working
        )
        draining = sum(hand.retired for hand in self._hands.values())
        return "; ".join([*each, *([f"{draining} draining"] if draining else [])])

    def retire_all(self) -> None:
        for hand in self.working:
            self.retire(hand)

    def retire(self, hand: Hand) -> None:
        """Ask a worker to drain and end. Who takes far too long is killed."""
        hand.retired = True
        if (pause := self._monitor.restart.pop(hand.name, None)) is not None and pause.active():
            pause.cancel()
        self._monitor.killTime = self._provisions[hand.name].drain_seconds + _BESIDES_DRAINING
        self._monitor.removeProcess(hand.name)
        self._forget_if_gone(hand)

    def hurry(self) -> None:
        """Everybody is to end at once: a worker takes the second signal so."""
        for hand in self._hands.values():
            self._send(hand, "TERM")

    def kill(self) -> None:
        """Those who are still there end now."""
        for hand in self._hands.values():
            self._send(hand, "KILL")

    async def everybody_left(self) -> None:
        await self._nobody.wait()

    def hear(self, process: int, told: dict[str, str]) -> None:
        """What a process says; anybody else's words count for nothing."""
        for hand in self._hands.values():
            if hand.process is not None and hand.pid == process:
                hand.heard_at = self._loop.time()
                hand.status = told.get("STATUS", hand.status)
                if "READY" in told:
                    hand.serves = True
                    if not hand.began.done():
                        hand.began.set_result(None)

    def look(self) -> None:
        """Kill whoever hangs; call it about every second. Then it's started again.

        When the supervisor itself was held up, it has heard nobody meanwhile, and gives everybody new time.
        """
        now, before = self._loop.time(), self._looked_at
        self._looked_at = now
        if now - before > self._watchdog_seconds / 2:
            for hand in self._hands.values():
                hand.heard_at = now
        for hand in self.working:
            patience = self._watchdog_seconds if hand.serves else _START_SECONDS
            if hand.process is not None and now - hand.heard_at > patience:
                log.error("worker gives no sign of life; killed", worker=hand.number, pid=hand.pid)
                self._send(hand, "KILL")

    def _on_start(self, name: str, process: Any) -> None:
        hand = self._hands[name]
        hand.process, hand.pid, hand.serves, hand.heard_at = process, process.pid, False, self._loop.time()
        log.info("worker started", worker=hand.number, pid=process.pid)

    def _on_end(self, name: str, code: int | None, number: int | None) -> None:
        hand = self._hands[name]
        how = {"signal": _name(number)} if number else {"code": code}
        which = {"worker": hand.number, "pid": hand.pid}
        hand.process, hand.serves = None, False
        if not (had_begun := hand.began.done()):
            hand.began.set_result(code or os.EX_SOFTWARE)
        if hand.retired:
            log.info("worker ended", **which, **how)
            self._forget_if_gone(hand)
            return
        self.restarts[hand.number] += 1
        if not had_begun:
            log.error("worker could not begin", **which, **how)
            return  # whoever waits for it says what comes of that
        again = self._monitor.restart[name].getTime() - self._monitor._clock.seconds()
        log.error("worker ended by itself", **which, **how, again_in_seconds=round(again, 1))

    def _forget_if_gone(self, hand: Hand) -> None:
        if hand.process is None:
            self._hands.pop(hand.name, None)
            self._provisions.pop(hand.name, None)
        if not self._hands:
            self._nobody.set()

    def _send(self, hand: Hand, name: str) -> None:
        if hand.process is not None:
            try:
                hand.process.signalProcess(name)
            except ProcessExitedAlready:
                return


def _name(number: int) -> str:
    """Of a signal; those of real time have none."""
    return next((one.name for one in signal.Signals if one == number), str(number))
