"""Passkeys (WebAuthn, level 3): the public halves, and how often each says that it was used.

Every function raises StoreUnavailable when the store can't decide.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from store.database import Database
from store.portal.schema import passkeys


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What an authenticator has made and proved to have. `backed_up`: it is synced between devices."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passkey:
    """One that a user has registered."""

    id: str
    user_id: int
    name: str
    made: NewPasskey
    created_at: datetime
    last_used_at: datetime | None


def insert_passkey(connection: Connection, user_id: int, name: str, made: NewPasskey) -> str:
    """Add one; its id. In the transaction that registers it, and after `is_known`."""
    id = secrets.token_hex(8)
    row = {
        "id": id,
        "credential_id": made.credential_id,
        "user_id": user_id,
        "name": name,
        "public_key": made.public_key,
        "sign_count": made.sign_count,
        "backed_up": made.backed_up,
        "transports": " ".join(made.transports),
        "created_at": datetime.now(UTC),
    }
    connection.execute(insert(passkeys).values(row))
    return id


def is_known(connection: Connection, credential_id: bytes) -> bool:
    """Whether anybody has registered this credential (WebAuthn 7.1, step 26)."""
    statement = select(passkeys.c.id).where(passkeys.c.credential_id == credential_id)
    return connection.execute(statement).first() is not None


def of_user(database: Database, user_id: int) -> list[Passkey]:
    """The user's passkeys, oldest first."""
    statement = select(passkeys).where(passkeys.c.user_id == user_id).order_by(passkeys.c.created_at)
    with database.read() as connection:
        return [_passkey(row) for row in connection.execute(statement).all()]


def find(database: Database, user_id: int, credential_id: bytes) -> Passkey | None:
    """The one of this user, whoever else may have such a credential (WebAuthn 7.2, step 6)."""
    mine = (passkeys.c.user_id == user_id, passkeys.c.credential_id == credential_id)
    with database.read() as connection:
        row = connection.execute(select(passkeys).where(*mine)).first()
        return _passkey(row) if row is not None else None


def use(database: Database, passkey: Passkey, sign_count: int, backed_up: bool) -> bool:
    """Note that it was used; False when its count isn't higher than the last one, as a copy's would be.

    Passkeys that don't count say 0 every time (WebAuthn 7.2, step 22). One statement, so that of two who
    come with the same count at the same time one is refused.
    """
    rises = passkeys.c.sign_count < sign_count if sign_count else passkeys.c.sign_count == 0
    used = {"sign_count": sign_count, "backed_up": backed_up, "last_used_at": datetime.now(UTC)}
    with database.write() as connection:
        mine = update(passkeys).where(passkeys.c.id == passkey.id, rises).values(used)
        return bool(connection.execute(mine).rowcount)


def _passkey(row: Any) -> Passkey:
    made = NewPasskey(
        row.credential_id, row.public_key, row.sign_count, row.backed_up, tuple(row.transports.split())
    )
    return Passkey(row.id, row.user_id, row.name, made, row.created_at, row.last_used_at)
