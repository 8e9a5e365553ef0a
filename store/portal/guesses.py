"""Wrong main passwords, counted for all of the portal's nodes together.

Each is counted before anybody is asked about it, so that any number of guesses at once is no more than the
budgets allow. Every function raises StoreUnavailable when the store can't decide.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, case, delete, insert, select, update

from store.budget import Budget, Limit
from store.database import Database
from store.portal.key import PortalKey
from store.portal.schema import main_password_failures as failures


def take(database: Database, key: PortalKey, budgets: Sequence[Budget]) -> bool:
    """Count a guess in all budgets; in none of them, and False, when one of them is used up."""
    now = datetime.now(UTC)
    named = _named(key, budgets)
    with database.write() as connection:
        counts = [_count(connection, name, limit, now) for name, limit in named]
        if any(count >= limit.failures for count, (_, limit) in zip(counts, named, strict=True)):
            return False
        for count, (name, _) in zip(counts, named, strict=True):
            _set(connection, name, count, now)
    return True


def withdraw(database: Database, key: PortalKey, budgets: Sequence[Budget]) -> None:
    """It was no failure: the password was right, or nobody could say."""
    names = [name for name, _ in _named(key, budgets)]
    fewer = case((failures.c["count"] > 0, failures.c["count"] - 1), else_=0)
    with database.write() as connection:
        connection.execute(update(failures).where(failures.c.key.in_(names)).values(count=fewer))


def forgive(database: Database, key: PortalKey, budget: Budget) -> None:
    """The user came, so what went wrong there before was the user too (NIST SP 800-63B, 3.2.2)."""
    names = [name for name, _ in _named(key, [budget])]
    with database.write() as connection:
        connection.execute(delete(failures).where(failures.c.key.in_(names)))


def forget_old(database: Database, seconds: float) -> int:
    """Remove what no window reaches any more; how many rows that were."""
    with database.write() as connection:
        old = failures.c.since < datetime.now(UTC) - timedelta(seconds=seconds)
        return connection.execute(delete(failures).where(old)).rowcount


def _named(key: PortalKey, budgets: Sequence[Budget]) -> list[tuple[bytes, Limit]]:
    """Each limit of a budget has a row of its own."""
    return [
        (key.digest(f"failures {limit.seconds:g} {budget.key}"), limit)
        for budget in budgets
        for limit in budget.limits
    ]


def _count(connection: Connection, name: bytes, limit: Limit, now: datetime) -> int:
    row = connection.execute(select(failures).where(failures.c.key == name)).first()
    if row is None:
        return 0
    if now - row.since >= timedelta(seconds=limit.seconds):
        connection.execute(delete(failures).where(failures.c.key == name))
        return 0
    counted: int = row._mapping["count"]
    return counted


def _set(connection: Connection, name: bytes, count: int, now: datetime) -> None:
    if count == 0:
        connection.execute(delete(failures).where(failures.c.key == name))
        connection.execute(insert(failures).values(key=name, count=1, since=now))
    else:
        connection.execute(update(failures).where(failures.c.key == name).values(count=count + 1))
