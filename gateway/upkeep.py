"""What has to be done every second: deadlines, expiry, new certificates, and writing last uses."""

import asyncio

from gateway.house import House
from gateway.log import log
from gateway.revocation import Revocation
from gateway.threads import BoundedThreads
from store.database import StoreUnavailable

_FLUSH_EVERY = 5  # seconds


async def upkeep(
    house: House, revocation: Revocation, threads: BoundedThreads, preauth_seconds: float
) -> None:
    """Runs for ever."""
    seconds = 0
    while True:
        await asyncio.sleep(1)
        seconds += 1
        house.strangers.cut_before(house.loop.time() - preauth_seconds, "took too long to log in")
        for backend in house.backends.values():
            backend.look_at_waits()
        revocation.end_expired()
        house.certificates.look()
        house.lines.look()
        if seconds % _FLUSH_EVERY == 0:
            try:
                await threads.run(house.last_used.flush)
                await threads.run(house.refused_logins.flush)
            except StoreUnavailable as error:
                log.error("last uses and refusals can't be written yet", error=str(error))
