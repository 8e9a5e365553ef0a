"""Main passwords that are kept here, for sites without a directory.

Every function raises StoreUnavailable when the store can't decide.
"""

import re
import unicodedata
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, insert, select

from store import changes
from store.database import Database
from store.hashing import Argon2
from store.model import User
from store.portal.schema import main_passwords, portal_sessions

# NIST SP 800-63B, section 3.1.1.2: 15 characters, no rules on kinds of characters, and at least 64 allowed.
SHORTEST = 15
LONGEST = 1024
_FEWEST_DIFFERENT = 5


class UnfitPassword(Exception):
    """It can't be anybody's main password. The message says what is allowed."""


def set_password(database: Database, argon2: Argon2, user: User, password: str, *, actor: str) -> bool:
    """Give the user this main password, and end all sessions of the portal; False without such a user.

    It runs argon2. Raises UnfitPassword.
    """
    prepared = _prepared(password)
    _check(user, prepared)
    row = {"user_id": user.id, "hash": argon2.hash(prepared.encode()), "changed_at": datetime.now(UTC)}
    with database.write() as connection:
        if not changes.raise_version(connection, user.id, "main-password-set", actor):
            return False
        _forget(connection, user.id)
        connection.execute(insert(main_passwords).values(row))
        connection.execute(delete(portal_sessions).where(portal_sessions.c.user_id == user.id))
    return True


def is_right(database: Database, argon2: Argon2, user_id: int | None, password: str) -> bool:
    """Whether this is the user's. A hash is computed in any case, so that time doesn't tell who has one."""
    prepared = _prepared(password).encode("utf-8", "replace")
    found: str | None = None
    if user_id is not None:
        statement = select(main_passwords.c.hash).where(main_passwords.c.user_id == user_id)
        with database.read() as connection:
            found = connection.execute(statement).scalar_one_or_none()
    if found is None:
        argon2.hash(prepared)
        return False
    return argon2.verify(found, prepared)


def _prepared(password: str) -> str:
    """RFC 8265, section 4.2.2: all spaces are one, and characters that look the same are the same."""
    spaced = "".join(" " if unicodedata.category(one) == "Zs" else one for one in password)
    return unicodedata.normalize("NFC", spaced)


def _check(user: User, password: str) -> None:
    if any(unicodedata.category(one) in ("Cc", "Cs", "Cn") for one in password):
        raise UnfitPassword("A main password has no control characters. Choose another one.")
    if not SHORTEST <= len(password) <= LONGEST:
        raise UnfitPassword(
            f"A main password has {SHORTEST} to {LONGEST} characters. Choose several words in a row."
        )
    rest = password.lower()
    for name in {part for login in (user.login, *user.aliases) for part in re.split(r"[@.]", login)}:
        rest = rest.replace(name, "") if len(name) > 2 else rest
    if len(set(rest)) < _FEWEST_DIFFERENT:
        raise UnfitPassword(
            "This main password is too easy to guess: it is little more than the user's name, or one "
            "character again and again. Choose another one, such as several words in a row."
        )


def _forget(connection: Connection, user_id: int) -> None:
    connection.execute(delete(main_passwords).where(main_passwords.c.user_id == user_id))
