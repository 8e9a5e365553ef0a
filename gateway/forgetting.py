"""Forgets app passwords that were deleted long ago.

For a year a deleted one is known as such, so that an old phone is told apart from an attack. After that
nothing of it is kept.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from gateway.log import log
from gateway.threads import BoundedThreads
from store import app_passwords
from store.database import Database, StoreUnavailable

_EVERY = 3600  # seconds
_TOMBSTONES_LAST = timedelta(days=365)


async def forget_the_long_deleted(database: Database, threads: BoundedThreads) -> None:
    """Runs for ever: at the start, and every hour. Several gateways may do it at the same time."""
    while True:
        try:
            forgotten = await threads.run(
                app_passwords.forget_tombstones, database, datetime.now(UTC) - _TOMBSTONES_LAST
            )
        except StoreUnavailable as error:
            log.warning("app passwords deleted a year ago can't be forgotten yet", error=str(error))
        else:
            if forgotten:
                log.info("forgot app passwords deleted a year ago", number=forgotten)
        await asyncio.sleep(_EVERY)
