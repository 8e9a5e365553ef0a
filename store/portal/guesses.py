"""Wrong main passwords, counted for all of the portal's nodes together.

Each is counted before anybody is asked about it, so that any number of guesses at once is no more than the
budgets allow. Every function raises StoreUnavailable when the store can't decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, case, delete, insert, select, update

from store.database import Database
from store.portal.key import PortalKey
from store.portal.schema import main_password_failures as failures


@dataclass(frozen=True, slots=True)
class Budget:
    """At most so many failures within the window. `whose` says what is counted."""

    whose: str
    failures: int
    window: timedelta


def take(database: Database, key: PortalKey, budgets: Sequence[Budget]) -> bool:
    """Count a guess in all budgets; in none of them, and False, when one of them is used up."""
    now = datetime.now(UTC)
    named = [(_name(key, one), one) for one in budgets]
    with database.write() as connection:
        counts = [_count(connection, name, budget, now) for name, budget in named]
        if any(count >= budget.failures for count, (_, budget) in zip(counts, named, strict=True)):
            return False
        for count, (name, _) in zip(counts, named, strict=True):
            _set(connection, name, count, now)
    return True


def withdraw(database: Database, key: PortalKey, budgets: Sequence[Budget]) -> None:
    """It was no failure: the password was right, or nobody could say."""
    names = [_name(key, one) for one in budgets]
    fewer = case((failures.c["count"] > 0, failures.c["count"] - 1), else_=0)
    with database.write() as connection:
        connection.execute(update(failures).where(failures.c.key.in_(names)).values(count=fewer))


def forgive(database: Database, key: PortalKey, budget: Budget) -> None:
    """The user came, so what went wrong there before was the user too (NIST SP 800-63B, 3.2.2)."""
    with database.write() as connection:
        connection.execute(delete(failures).where(failures.c.key == _name(key, budget)))


def forget_old(database: Database, window: timedelta) -> int:
    """Remove what no window reaches any more; how many rows that were."""
    with database.write() as connection:
        old = failures.c.since < datetime.now(UTC) - window
        return connection.execute(delete(failures).where(old)).rowcount


def _count(connection: Connection, name: bytes, budget: Budget, now: datetime) -> int:
    row = connection.execute(select(failures).where(failures.c.key == name)).first()
    if row is None:
        return 0
    if now - row.since >= budget.window:
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


def _name(key: PortalKey, budget: Budget) -> bytes:
    return key.digest(f"failures {budget.whose}")
