"""Letting a user in again who is locked out by wrong codes or wrong passwords.

Every function raises StoreUnavailable when the store can't decide.
"""

from sqlalchemy import update

from store import changes
from store.database import Database
from store.schema import users


def unlock(database: Database, user_id: int, *, actor: str, reason: str = "") -> bool:
    """Forget the user's wrong codes, and all wrong passwords for the user; False without such a user.

    Passwords are counted for the user's version, here (portal/sign_in/guess.py) and at the mail door
    (gateway/throttle), and codes for how often the user was unlocked (store/portal/failures.py). So commands
    need no right to the portal's tables.
    """
    with database.write() as connection:
        once_more = update(users).where(users.c.id == user_id).values(unlocks=users.c.unlocks + 1)
        connection.execute(once_more)
        return changes.raise_version(connection, user_id, "unlocked", actor, reason)
