"""Authenticator apps (TOTP, RFC 6238): 6 digits every 30 seconds over SHA-1, as all apps have it.

Every function raises StoreUnavailable when the store can't decide.
"""

import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyotp
from sqlalchemy import Connection, insert, select, update

from store.database import Database
from store.portal.key import PortalKey
from store.portal.schema import authenticators

_SECONDS = 30
# A clock may be off by one step (RFC 6238, section 5.2).
_STEPS = (-1, 0, 1)


@dataclass(frozen=True, slots=True)
class Authenticator:
    """One app. Its secret is shown nowhere any more."""

    id: str
    user_id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 recommends."""
    return pyotp.random_base32()


def is_code(text: str) -> bool:
    """Whether it's written as codes are; apps show them with a space, too. A recovery code never is."""
    digits = "".join(text.split())
    return len(digits) == 6 and digits.isascii() and digits.isdigit()


def step_of(secret: str, code: str, at: float | None = None) -> int | None:
    """The time step whose code this is, if it's one of now."""
    if not is_code(code):
        return None
    digits = "".join(code.split())
    now = int((time.time() if at is None else at) // _SECONDS)
    totp = pyotp.TOTP(secret)
    found = None
    for step in (now + offset for offset in _STEPS):
        if hmac.compare_digest(totp.generate_otp(step), digits):
            found = step
    return found


def insert_authenticator(
    connection: Connection, key: PortalKey, user_id: int, name: str, secret: str, step: int
) -> str:
    """Add an app whose code of `step` was just seen; its id. In the transaction that registers it."""
    id = secrets.token_hex(8)
    row = {
        "id": id,
        "user_id": user_id,
        "name": name,
        "sealed": key.seal(secret.encode(), _bound_to(user_id, id)),
        "last_step": step,
        "created_at": datetime.now(UTC),
    }
    connection.execute(insert(authenticators).values(row))
    return id


def of_user(database: Database, user_id: int) -> list[Authenticator]:
    """The user's apps, oldest first."""
    statement = select(authenticators).where(authenticators.c.user_id == user_id)
    with database.read() as connection:
        rows = connection.execute(statement.order_by(authenticators.c.created_at)).all()
        return [
            Authenticator(one.id, one.user_id, one.name, one.created_at, one.last_used_at) for one in rows
        ]


def accept(database: Database, key: PortalKey, user_id: int, code: str) -> bool:
    """Whether the code is that of one of the user's apps, and was never taken before."""
    with database.read() as connection:
        rows = connection.execute(select(authenticators).where(authenticators.c.user_id == user_id)).all()
    return any(_accept(database, key, row, code) for row in rows)


def _accept(database: Database, key: PortalKey, row: Any, code: str) -> bool:
    secret = key.unseal(row.sealed, _bound_to(row.user_id, row.id))
    step = step_of(secret.decode(), code) if secret is not None else None
    if step is None:
        return False
    # One statement, so that of two who come with the same code at the same time one is refused.
    mine = (authenticators.c.id == row.id, authenticators.c.last_step < step)
    with database.write() as connection:
        used = update(authenticators).where(*mine).values(last_step=step, last_used_at=datetime.now(UTC))
        return bool(connection.execute(used).rowcount)


def _bound_to(user_id: int, id: str) -> str:
    return f"authenticator {user_id} {id}"
