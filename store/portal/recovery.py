"""Recovery codes: ten of them, each works once.

Every function raises StoreUnavailable when the store can't decide.
"""

import secrets
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, select

from store.database import Database
from store.portal.key import PortalKey
from store.portal.schema import recovery_codes

NUMBER = 10
# No vowels, so that no words come up, and nothing that looks like something else.
_LETTERS = "bcdfghjkmnpqrstvwxyz23456789"
_LENGTH = 12  # 57 bits; more than tries can reach, and a keyed digest can't be attacked without the key
_GROUP = 4


def new_codes() -> list[str]:
    """As they are shown: three groups of four."""
    return [_written("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))) for _ in range(NUMBER)]


def replace_codes(connection: Connection, key: PortalKey, user_id: int, codes: list[str]) -> None:
    """These and no others are the user's, in the transaction of whatever made them."""
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user_id))
    now = datetime.now(UTC)
    rows = [{"user_id": user_id, "digest": _digest(key, user_id, one), "created_at": now} for one in codes]
    connection.execute(insert(recovery_codes), rows)


def left(database: Database, user_id: int) -> int:
    """How many the user still has."""
    statement = select(func.count()).where(recovery_codes.c.user_id == user_id)
    with database.read() as connection:
        found: int = connection.execute(statement).scalar_one()
        return found


def use(database: Database, key: PortalKey, user_id: int, code: str) -> bool:
    """Whether it's one of the user's; it never is again."""
    digest = _digest(key, user_id, code)
    mine = (recovery_codes.c.user_id == user_id, recovery_codes.c.digest == digest)
    with database.write() as connection:
        return bool(connection.execute(delete(recovery_codes).where(*mine)).rowcount)


def _written(code: str) -> str:
    return "-".join(code[begin : begin + _GROUP] for begin in range(0, _LENGTH, _GROUP))


def _digest(key: PortalKey, user_id: int, code: str) -> bytes:
    letters = "".join(letter for letter in code[:100].lower() if letter in _LETTERS)
    return key.digest(f"recovery {user_id} {letters}")
