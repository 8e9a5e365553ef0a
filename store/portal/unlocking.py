"""Letting a user in again who is locked out by wrong codes or wrong passwords.

Every function raises StoreUnavailable when the store can't decide.
"""

from datetime import UTC, datetime

from sqlalchemy import delete, select

from store import changes
from store.database import Database
from store.portal.failures import WINDOW
from store.portal.schema import second_step_failures


def unlock(database: Database, user_id: int, *, actor: str, reason: str = "") -> bool:
    """Forget the user's wrong codes, and all wrong passwords for the user; False without such a user.

    Passwords are counted for the user's version, here (portal/sign_in/guess.py) and at the mail door
    (gateway/throttle), so its change is all that they need.
    """
    with database.write() as connection:
        if not changes.raise_version(connection, user_id, "unlocked", actor, reason):
            return False
        mine = second_step_failures.c.user_id == user_id
        connection.execute(delete(second_step_failures).where(mine))
    return True


def wrong_codes(database: Database, user_id: int) -> int:
    """How many there were in the present window."""
    statement = select(second_step_failures).where(second_step_failures.c.user_id == user_id)
    with database.read() as connection:
        row = connection.execute(statement).first()
    if row is None or datetime.now(UTC) - row.since > WINDOW:
        return 0
    counted: int = row._mapping["count"]
    return counted
