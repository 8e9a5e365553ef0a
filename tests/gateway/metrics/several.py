"""A gateway of two workers and their supervisor, with an address for metrics."""

import asyncio
import signal
from contextlib import asynccontextmanager
from pathlib import Path

from tests.gateway.metrics.scrape import get, until
from tests.gateway.site import BACKEND, QUICK, Site
from tests.servers.recorder import Recorder

SETTINGS = QUICK.replace("drain_seconds = 1", "drain_seconds = 60\ndrain_notice_seconds = 60") + BACKEND
METRICS = '\n[metrics]\naddress = "127.0.0.1:{third}"\n'
WORKERS = ("1", "2")


@asynccontextmanager
async def open_workers(folder: Path, authority, more: str = ""):
    async with Recorder() as recorder:
        site = Site(folder, SETTINGS + METRICS + more, authority, recorder)
        site.gateway.arguments = ("--workers", str(len(WORKERS)))
        try:
            await asyncio.to_thread(site.gateway.start)
            await until(site.gateway.third, "wicketgate_ready", 2)
            yield site
        finally:
            site.begin()
            if (await get(site.gateway.third, "/health/ready")).body != "stopping\n":
                await told_to_stop(site)
            await asyncio.to_thread(site.gateway.stop)  # the second signal
            site.people.close()


async def told_to_stop(site):
    """It stops, and says so; two signals at the same time would be one."""
    site.gateway.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        while (await get(site.gateway.third, "/health/ready")).body != "stopping\n":  # noqa: ASYNC110
            await asyncio.sleep(0.02)
