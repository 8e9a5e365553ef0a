"""Wrong codes of the second step in a row, counted for the user over all sessions, browsers and nodes.

A try is counted before its code is looked at, so that tries at the same time can't be more than are allowed.
Codes of authenticator apps and recovery codes are counted apart: those who guess at the one can't keep the
user from the other. Every function raises StoreUnavailable when the store can't decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from store import audit
from store.database import Database
from store.portal.schema import second_step_failures as failures
from store.schema import names, users

# A guess of six digits hits with at most 3 in a million for each app (security.md, WEB-15). So many in a row
# are made in four days, and then no more until the help desk looks into it.
MOST_FAILURES = 100
# So many come without a pause: people mistype. The user is told of them.
FREE = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
MANY_FAILURES, LOCKED = "second-step-failures", "second-step-locked"
_LONG_AGO = datetime.fromtimestamp(0, UTC)
_EVENTS: Mapping[int, str] = {FREE: MANY_FAILURES, MOST_FAILURES: LOCKED}


class Kind(StrEnum):
    """Of a code that can be guessed at."""

    APP = "authenticator app"
    RECOVERY = "recovery code"


@dataclass(frozen=True, slots=True)
class Streak:
    """Failures in a row. The next try may come when the pause is over, and never where it's locked."""

    kind: Kind
    count: int
    latest_at: datetime

    @property
    def is_locked(self) -> bool:
        return self.count >= MOST_FAILURES

    @property
    def next_at(self) -> datetime:
        """When the pause after the latest failure is over. It doubles with each failure."""
        if self.count < FREE:
            return self.latest_at
        times: int = 2 ** min(self.count - FREE, 10)
        return self.latest_at + min(FIRST_PAUSE * times, LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class _Row:
    streak: Streak
    told: int
    unlocks: int  # of the user, now


def take_a_try(database: Database, user_id: int, kind: Kind) -> Streak | None:
    """Count a try; None where its code may be looked at now, else what stands against it.

    It counts as a failure until it's forgiven.
    """
    now = datetime.now(UTC)
    with database.write() as connection:
        row = _row(connection, user_id, kind)
        if row.streak.is_locked or now < row.streak.next_at:
            return row.streak
        if row.streak.count == 0:
            connection.execute(delete(failures).where(*_mine(user_id, kind)))
            first = {"user_id": user_id, "kind": kind.value, "count": 1, "latest_at": now}
            connection.execute(insert(failures).values(told=0, unlocks=row.unlocks, **first))
        else:
            more = {"count": row.streak.count + 1, "latest_at": now}
            connection.execute(update(failures).where(*_mine(user_id, kind)).values(more))
    return None


def note_failure(database: Database, user_id: int, kind: Kind) -> None:
    """A try was wrong. After some in a row the audit trail says so, once, and by it the user is told."""
    with database.write() as connection:
        row = _row(connection, user_id, kind)
        reached = max((count for count in _EVENTS if count <= row.streak.count), default=0)
        if reached <= row.told:
            return
        connection.execute(update(failures).where(*_mine(user_id, kind)).values(told=reached))
        login = select(names.c.name).where(names.c.user_id == user_id, names.c.rank == 0)
        detail = f"{reached} in a row, {kind}"
        audit.record(connection, "portal", _EVENTS[reached], connection.execute(login).scalar_one(), detail)


def forgive(database: Database, user_id: int) -> None:
    """A right code came, of whichever kind."""
    with database.write() as connection:
        connection.execute(delete(failures).where(failures.c.user_id == user_id))


def streaks(database: Database, user_id: int) -> list[Streak]:
    """The user's failures in a row, of each kind that has any."""
    with database.read() as connection:
        found = [_row(connection, user_id, kind).streak for kind in Kind]
    return [one for one in found if one.count]


def _row(connection: Connection, user_id: int, kind: Kind) -> _Row:
    """What was counted since the user was last unlocked."""
    mine = and_(failures.c.user_id == users.c.id, failures.c.kind == kind.value)
    wanted = select(users.c.unlocks.label("now"), failures).join_from(users, failures, mine, isouter=True)
    row = connection.execute(wanted.where(users.c.id == user_id)).first()
    if row is None:  # deleted meanwhile, so nothing is to be looked at any more
        return _Row(Streak(kind, MOST_FAILURES, _LONG_AGO), MOST_FAILURES, 0)
    counted = row._mapping["count"]
    if counted is None or row.unlocks != row.now:
        return _Row(Streak(kind, 0, _LONG_AGO), 0, row.now)
    return _Row(Streak(kind, counted, row.latest_at), row.told, row.now)


def _mine(user_id: int, kind: Kind) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return failures.c.user_id == user_id, failures.c.kind == kind.value
