"""A gateway of two workers, and what a test does with its processes."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from gateway.control import ask, sockets
from tests.gateway.client import Client
from tests.gateway.site import QUICK, Site
from tests.servers.certificates import Authority
from tests.servers.recorder import Recorder

PATIENT = QUICK.replace("drain_seconds = 1", "drain_seconds = 60")
SECONDS = 30


class Crew(Site):
    """A site whose gateway has workers."""

    def workers(self) -> dict[int, dict[str, Any]]:
        """What those say who aren't draining, by number."""
        told = []
        for path in self.sockets():
            with suppress(FileNotFoundError):  # it has ended this moment
                told.append(ask(path, {"command": "status"}))
        return {one["worker"]: one for one in told if not one["draining"]}

    def sockets(self) -> list[Path]:
        """The control sockets of those who live."""
        found = sockets(self.gateway.folder / "control.sock")[1:]
        return [path for path in found if Path(f"/proc/{path.stem.rpartition('-')[2]}").exists()]

    def pids(self) -> dict[int, int]:
        return {number: one["pid"] for number, one in self.workers().items()}

    async def logged_in_at(self, number: int) -> Client:
        """A client that this worker let in: the others are held up meanwhile."""
        others = [pid for other, pid in self.pids().items() if other != number]
        with held_up(others):
            return await self.logged_in()

    async def reload(self, *, until: str = "event=reloaded") -> str:
        """Ask for it, and wait for the line that tells how it went."""
        self.mark()
        self.signal(signal.SIGHUP)
        return await self.until_log(until)

    def signal(self, number: int) -> None:
        assert self.gateway.process is not None
        self.gateway.process.send_signal(number)

    async def ended(self) -> int:
        """The exit code, once it's there."""
        assert self.gateway.process is not None
        return await asyncio.to_thread(self.gateway.process.wait, SECONDS)

    def mark(self) -> None:
        """What is asked of the log from now on is about what comes from now on."""
        self._log_begins = self.gateway.log_file.stat().st_size

    def replace(self, old: str, new: str) -> None:
        """Change the configuration."""
        text = self.gateway.config.read_text()
        assert old in text
        self.gateway.configure(text.replace(old, new))


@contextmanager
def held_up(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@asynccontextmanager
async def open_crew(
    folder: Path,
    authority: Authority,
    *,
    settings: str = PATIENT,
    workers: int = 2,
    environment: dict[str, str] | None = None,
) -> AsyncIterator[Crew]:
    """It serves with all its workers until the end of the block, and then ends well."""
    async with Recorder() as recorder:
        crew = Crew(folder, settings, authority, recorder, environment=environment)
        crew.gateway.arguments = ("--workers", str(workers))
        try:
            await asyncio.to_thread(crew.gateway.start, SECONDS)
            await crew.until_log(f" workers={workers}")
            crew.begin()
            yield crew
        finally:
            crew.begin()
            await asyncio.to_thread(crew.gateway.stop)
            crew.people.close()
    assert "Traceback" not in crew.gateway.log()


async def goes_on(crew: Crew, client: Client) -> bool:
    """Whether a session that is in is served."""
    await client.send(crew.dialect.noop)
    return await client.line() == crew.dialect.done
