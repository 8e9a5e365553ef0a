"""Can the store be used, and are all its clocks one?"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from config import Settings
from gateway.doctor.finding import Finding, Level
from store.database import Database, StoreUnavailable
from store.pepper import PepperError, load_pepper
from store.upgrade import require_current_schema

_APART = timedelta(seconds=5)
_SLOW = 0.1  # seconds for one small question


def examine_store(settings: Settings) -> Iterator[Finding]:
    """One question, the schema, the pepper and, with PostgreSQL, the server's clock."""
    database = Database(settings.store.url)
    try:
        require_current_schema(database)
        yield _answers(database)
        if settings.store.url.startswith("postgresql://"):
            yield _clock(database)
    except StoreUnavailable as error:
        yield Finding(Level.FAILED, "store", str(error))
    finally:
        database.close()
    try:
        load_pepper(settings.store.pepper_file)
    except PepperError as error:
        yield Finding(Level.FAILED, "pepper", str(error))
    else:
        yield Finding(Level.OK, "pepper", f"{settings.store.pepper_file} can be read")


def _answers(database: Database) -> Finding:
    began = time.monotonic()
    with database.read() as connection:
        connection.execute(select(1))
    seconds = time.monotonic() - began
    if seconds > _SLOW:
        return Finding(
            Level.WARNING,
            "store",
            f"it answers after {seconds * 1000:.0f} ms. First logins wait for it: look at its load.",
        )
    return Finding(Level.OK, "store", f"up to date, answers within {seconds * 1000:.1f} ms")


def _clock(database: Database) -> Finding:
    with database.read() as connection:
        there: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    apart = abs(there - datetime.now(UTC))
    if apart > _APART:
        return Finding(
            Level.WARNING,
            "clock",
            f"it differs from PostgreSQL's by {apart.total_seconds():.0f} s. Set both by NTP: app passwords "
            "expire by this machine's clock.",
        )
    return Finding(Level.OK, "clock", "the same as PostgreSQL's")
