"""Wrong codes of the second step, counted for the user over all sessions, browsers and nodes.

Every function raises StoreUnavailable when the store can't decide.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select, update

from store.database import Database
from store.portal.schema import second_step_failures as failures

# A guess of six digits has to stay hopeless however many sessions are opened (security.md, WEB-02): with ten
# tries in ten minutes, half a chance takes years.
MOST_FAILURES = 10
WINDOW = timedelta(minutes=10)


def take_a_try(database: Database, user_id: int) -> bool:
    """Count a try before its code is looked at; False when the user has none left for now.

    Counted first, so that tries at the same time can't be more than are allowed.
    """
    now = datetime.now(UTC)
    mine = failures.c.user_id == user_id
    with database.write() as connection:
        row = connection.execute(select(failures).where(mine)).first()
        if row is None:
            connection.execute(insert(failures).values(user_id=user_id, count=1, since=now))
            return True
        if now - row.since > WINDOW:
            connection.execute(update(failures).where(mine).values(count=1, since=now))
            return True
        tries: int = row._mapping["count"]
        if tries >= MOST_FAILURES:
            return False
        connection.execute(update(failures).where(mine).values(count=tries + 1))
        return True


def forgive(database: Database, user_id: int) -> None:
    """The right code came."""
    with database.write() as connection:
        connection.execute(delete(failures).where(failures.c.user_id == user_id))
