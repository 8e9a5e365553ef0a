"""A fixed number of threads that hash, and a short queue before them. What doesn't fit is shed at once."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from threading import Condition, Thread
from typing import Any, TypeVar

Result = TypeVar("Result")
OnRun = Callable[[float, float], None]  # seconds that a job waited, and that it ran


class Overloaded(Exception):
    """The work was not begun, because too much waits or its deadline passed. Try again later."""


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    future: Future[Any]
    function: Callable[..., Any]
    arguments: tuple[Any, ...] = field(repr=False)
    deadline: float
    submitted: float


class HashingThreads:
    """Runs functions in `threads` threads and lets `queue` more wait. `shed` counts those that never ran.

    The permit to run belongs to the thread. Who asked may cancel or forget the future: a function that
    runs goes on holding its thread until it returns, so nobody can start more of them than threads.
    """

    def __init__(self, threads: int, queue: int, on_run: OnRun = lambda _waited, _ran: None) -> None:
        """`on_run` is told of every function that ran, in the thread in which it did."""
        self._changed = Condition()
        self._jobs: deque[_Job] = deque()
        self._on_run = on_run
        self.threads = threads
        self.queue = queue
        self.shed = 0
        self._running = 0
        self._closing = False
        names = [f"hashing-{number}" for number in range(1, threads + 1)]
        self._threads = [Thread(target=self._work, name=name, daemon=True) for name in names]
        for thread in self._threads:
            thread.start()

    @property
    def waiting(self) -> int:
        """How many jobs wait for a thread."""
        return len(self._jobs)

    @property
    def running(self) -> int:
        """How many functions run, wanted or not."""
        return self._running

    def submit(self, function: Callable[..., Result], *args: Any, deadline: float) -> Future[Result]:
        """Queue the function; the future has its result, its exception, or Overloaded.

        `deadline` is a time of time.monotonic(): a job that has not begun by then never begins.
        """
        future: Future[Result] = Future()
        with self._changed:
            if len(self._jobs) >= self._room():
                self._forget_the_lost()
            if self._closing or len(self._jobs) >= self._room():
                self.shed += 1
                future.set_exception(Overloaded("Too many logins at once. Try again later."))
            else:
                self._jobs.append(_Job(future, function, args, deadline, time.monotonic()))
                self._changed.notify()
        return future

    def close(self) -> None:
        """Shed what waits, let what runs end, and join the threads."""
        with self._changed:
            self._closing = True
            shed = list(self._jobs)
            self._jobs.clear()
            self._changed.notify_all()
        for job in shed:
            self._shed(job)
        for thread in self._threads:
            thread.join()

    def _room(self) -> int:
        # A job for an idle thread is in the queue for a moment and doesn't count as waiting.
        return self.queue + len(self._threads) - self._running

    def _forget_the_lost(self) -> None:
        now = time.monotonic()
        lost = [job for job in self._jobs if job.deadline <= now or job.future.cancelled()]
        if lost:
            self._jobs = deque(job for job in self._jobs if job not in lost)
        for job in lost:
            self._shed(job)

    def _work(self) -> None:
        while (job := self._next()) is not None:
            settle = self._run(job)
            with self._changed:
                self._running -= 1
            settle()
            # An idle thread must not keep the last secret alive.
            del job, settle

    def _next(self) -> _Job | None:
        with self._changed:
            while not self._jobs and not self._closing:
                self._changed.wait()
            if not self._jobs:
                return None
            self._running += 1
            return self._jobs.popleft()

    def _run(self, job: _Job) -> Callable[[], None]:
        """Run the function, and return what tells its outcome."""
        begun = time.monotonic()
        if job.deadline <= begun or not job.future.set_running_or_notify_cancel():
            return partial(self._shed, job)
        try:
            return partial(job.future.set_result, job.function(*job.arguments))
        except BaseException as error:
            return partial(job.future.set_exception, error)
        finally:
            self._on_run(begun - job.submitted, time.monotonic() - begun)

    def _shed(self, job: _Job) -> None:
        if not job.future.cancelled() and job.future.set_running_or_notify_cancel():
            self.shed += 1
            job.future.set_exception(Overloaded("The login waited too long for its turn. Try again later."))
