"""What a worker is started with, which is what systemd would start it with."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config import Settings
from gateway.lifeline import packed

_FIRST = 3  # SD_LISTEN_FDS_START
_NOT_THEIRS = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")
# LISTEN_PID is the process's own number, which nobody knows before it lives. The ears for Ctrl-C and for a
# terminal that hangs up are closed here, before Python could open them: see gateway/stopping.py.
_STEP = 'trap "" INT HUP; LISTEN_PID=$$; export LISTEN_PID; exec "$@"'
_START = (
    "/bin/sh",
    "-c",
    _STEP,
    "sh",
    sys.executable,
    sys.argv[0],
    "serve",
    "--workers",
    "0",
    "--supervised",
)


@dataclass(frozen=True, slots=True)
class Provision:
    """For all workers of one generation.

    `files` are what a worker's own files are made of; `said` comes first through its standard input.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    files: Mapping[int, int | str]
    said: bytes
    workers: int
    drain_seconds: float

    def arguments(self, number: int) -> list[str]:
        """The command of the worker with this number."""
        return [*self.command, "--worker", str(number)]


@dataclass(frozen=True, slots=True)
class Equipment:
    """What all generations have in common. `workers` wins over what the settings say.

    `notify` is where workers tell how they fare, and they tell at least every `watchdog_seconds`.
    """

    config_path: Path | None
    workers: int | None
    notify: Path
    watchdog_seconds: float

    def provide(self, settings: Settings, sockets: Sequence[tuple[str, int]]) -> Provision:
        """`sockets` are the listening ones: names and files."""
        workers = self._wanted(settings)
        names, files = zip(*sockets, strict=True)
        return Provision(
            command=(*_START, *(["-c", str(self.config_path)] if self.config_path else [])),
            environment=self._environment(names),
            files={0: "w", 1: 1, 2: 2, **dict(enumerate(files, _FIRST))},
            said=packed(_share_of(settings, workers)),
            workers=workers,
            drain_seconds=settings.limits.drain_seconds,
        )

    def _wanted(self, settings: Settings) -> int:
        """At a reload to none there is still one: to serve without a supervisor takes a restart."""
        wanted = settings.limits.workers if self.workers is None else self.workers
        return max(1, (os.cpu_count() or 1) if wanted is None else wanted)

    def _environment(self, names: Sequence[str]) -> Mapping[str, str]:
        ours = {name: value for name, value in os.environ.items() if name not in _NOT_THEIRS}
        return ours | {
            "LISTEN_FDS": str(len(names)),
            "LISTEN_FDNAMES": ":".join(names),
            "NOTIFY_SOCKET": str(self.notify),
            "WATCHDOG_USEC": str(int(self.watchdog_seconds * 1_000_000)),
        }


def _share_of(settings: Settings, workers: int) -> Settings:
    """The cores are shared: as many hashes at one time as there are cores, not as many in each worker.

    So are a user's failed logins, where there is no Redis in which the workers count together.
    """
    threads = settings.limits.hash_threads or max(1, (os.cpu_count() or 1) // workers)
    limits = settings.limits.model_copy(update={"hash_threads": threads})
    throttle = settings.throttle.for_each_of(workers) if settings.cache.address is None else settings.throttle
    return settings.model_copy(update={"limits": limits, "throttle": throttle})
