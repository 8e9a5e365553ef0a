"""What a user has as a second step, of whichever kind: listed, renamed, removed.

Every function raises StoreUnavailable when the store can't decide.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Table, delete, func, select, update

from store import changes
from store.database import Database
from store.model import MfaState
from store.portal import authenticators, passkeys, schema
from store.schema import users


class Kind(StrEnum):
    """Of a second step."""

    PASSKEY = "passkey"
    AUTHENTICATOR = "authenticator"


_TABLES: dict[Kind, Table] = {Kind.PASSKEY: schema.passkeys, Kind.AUTHENTICATOR: schema.authenticators}
_WORDS = {Kind.PASSKEY: "passkey", Kind.AUTHENTICATOR: "authenticator app"}


@dataclass(frozen=True, slots=True)
class Method:
    """One passkey or authenticator app. `backed_up` is known of passkeys alone."""

    kind: Kind
    id: str
    name: str
    created_at: datetime
    last_used_at: datetime | None
    backed_up: bool = False


@dataclass(frozen=True, slots=True)
class LastOne:
    """It's the only one that there is, and the user needs one."""


def of_user(database: Database, user_id: int) -> list[Method]:
    """All of them, oldest first."""
    found = [
        Method(Kind.PASSKEY, one.id, one.name, one.created_at, one.last_used_at, one.made.backed_up)
        for one in passkeys.of_user(database, user_id)
    ]
    found += [
        Method(Kind.AUTHENTICATOR, one.id, one.name, one.created_at, one.last_used_at)
        for one in authenticators.of_user(database, user_id)
    ]
    return sorted(found, key=lambda one: one.created_at)


def rename(database: Database, user_id: int, method: Method, name: str, *, actor: str) -> bool:
    """Give it another name; False when it's gone."""
    table = _TABLES[method.kind]
    mine = (table.c.id == method.id, table.c.user_id == user_id)
    with database.write() as connection:
        if not connection.execute(update(table).where(*mine).values(name=name)).rowcount:
            return False
        detail = f"{_WORDS[method.kind]} {method.name}, now {name}"
        return changes.raise_version(connection, user_id, "second-step-renamed", actor, detail)


def remove(database: Database, user_id: int, method: Method, *, actor: str) -> bool | LastOne:
    """Remove it; False when it's gone. With the last one the recovery codes go, too.

    Who has to do a second step keeps the last one: counted in the transaction, so that two who remove one
    each at the same time don't remove both.
    """
    table = _TABLES[method.kind]
    mine = (table.c.id == method.id, table.c.user_id == user_id)
    with database.write() as connection:
        last = _count(connection, user_id) == 1
        if last and _is_enforced(connection, user_id):
            return LastOne()
        if not connection.execute(delete(table).where(*mine)).rowcount:
            return False
        if last:
            codes = schema.recovery_codes
            connection.execute(delete(codes).where(codes.c.user_id == user_id))
        detail = f"{_WORDS[method.kind]} {method.name}"
        return changes.raise_version(connection, user_id, "second-step-removed", actor, detail)


def _count(connection: Connection, user_id: int) -> int:
    return sum(
        connection.execute(select(func.count()).where(table.c.user_id == user_id)).scalar_one()
        for table in _TABLES.values()
    )


def _is_enforced(connection: Connection, user_id: int) -> bool:
    statement = select(users.c.mfa).where(users.c.id == user_id)
    found: str | None = connection.execute(statement).scalar_one_or_none()
    return found == MfaState.ENFORCED.value
