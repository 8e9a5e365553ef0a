"""Runs the supervisor on Twisted's reactor, which is the asyncio loop."""

import asyncio
from pathlib import Path

from twisted.internet import asyncioreactor

from config import Settings


def run(settings: Settings, config_path: Path | None, workers: int | None) -> int:
    """Until it was stopped. Returns the exit code. `workers` wins over the settings, now and at reloads.

    Raises `CannotListen`.
    """
    with asyncio.Runner() as runner:
        asyncioreactor.install(runner.get_loop())
        # Twisted's process monitor takes the reactor that is installed when it's imported.
        from gateway.supervisor.supervise import supervise

        return runner.run(supervise(settings, config_path, workers))
