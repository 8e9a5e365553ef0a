"""Forgets what nobody needs any more: app passwords deleted a year ago, refusals of three months ago.

For a year a deleted app password is known as such, so that an old phone is told apart from an attack. After
that nothing of it is kept.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from gateway.log import log
from gateway.threads import BoundedThreads
from store import app_passwords, refused_logins
from store.database import Database, StoreUnavailable

_EVERY = 3600  # seconds
_KEPT: tuple[tuple[str, timedelta, Callable[[Database, datetime], int]], ...] = (
    ("deleted app passwords", timedelta(days=365), app_passwords.forget_tombstones),
    ("refused logins", timedelta(days=90), refused_logins.forget),
)


async def forget_what_is_old(database: Database, threads: BoundedThreads) -> None:
    """Runs for ever: at the start, and every hour. Several gateways may do it at the same time."""
    while True:
        for what, how_long, forget in _KEPT:
            try:
                forgotten = await threads.run(forget, database, datetime.now(UTC) - how_long)
            except StoreUnavailable as error:
                log.warning("old entries can't be forgotten yet", what=what, error=str(error))
            else:
                if forgotten:
                    log.info("forgot old entries", what=what, number=forgotten)
        await asyncio.sleep(_EVERY)
