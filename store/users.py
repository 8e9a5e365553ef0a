"""Users: adding, finding, changing, deleting. Names given here are already normalised.

Every change raises the user's version and writes its rows of the change feed and the audit trail in
the same transaction. Every function raises StoreUnavailable when the store can't decide.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select, select, true, update
from sqlalchemy import delete as delete_rows
from sqlalchemy.exc import IntegrityError

from store import changes
from store.audit import with_reason
from store.database import Database
from store.distinguished_name import normalise_dn
from store.model import Account, AppPassword, MfaState, User
from store.printable import printable
from store.rows import app_password_from, app_password_rows, user_from
from store.schema import app_passwords, names, users
from store.user_rows import insert_user


class InvalidDn(Exception):
    """What was given as a DN can be none. The message says what is allowed."""


@dataclass(frozen=True, slots=True)
class DnTaken:
    """The DN belongs to another user already."""

    login: str


def add(
    database: Database,
    login: str,
    aliases: Iterable[str] = (),
    mfa: MfaState = MfaState.DISABLED,
    backend_login: str | None = None,
    dn: str | None = None,
    *,
    actor: str,
) -> User | None:
    """Add a user; None when the login, an alias or the DN already belongs to somebody. Raises InvalidDn."""
    values = {"mfa": mfa.value, "backend_login": backend_login, **dn_values(dn)}
    try:
        with database.write() as connection:
            added = insert_user(connection, values, (login, *aliases))
            changes.raise_version(connection, added, "user-added", actor, f"mfa {mfa}")
            return _user(connection, added)
    except IntegrityError:
        return None


def find(database: Database, name: str) -> User | None:
    """The user with this login or alias."""
    with database.read() as connection:
        return _user(connection, _owner(name))


def list_users(database: Database, ids: Iterable[int] | None = None) -> list[User]:
    """All users, or those with these ids, in the order of their logins."""
    wanted = true() if ids is None else users.c.id.in_(list(ids))
    with database.read() as connection:
        found = _users(connection, wanted)
    return sorted(found, key=lambda user: user.login)


def account(database: Database, name: str) -> Account | None:
    """The user with this login or alias, all its app passwords and the position of the change feed."""
    with database.read() as connection:
        return _account(connection, _owner(name))


def account_by_id(database: Database, user_id: int) -> Account | None:
    """The same by the user's id; None once the user is deleted."""
    with database.read() as connection:
        return _account(connection, user_id)


def accounts_by_id(database: Database, user_ids: Iterable[int]) -> dict[int, Account]:
    """Many at once, as of one moment; those who were deleted are not in it."""
    ids = list(user_ids)
    with database.read() as connection:
        found = _users(connection, users.c.id.in_(ids))
        known = _app_passwords_of(connection, ids)
        at, history = changes.position(connection), changes.history(connection)
    return {user.id: Account(user, tuple(known.get(user.id, ())), at, history) for user in found}


def account_by_dn(database: Database, key: str) -> Account | None:
    """The same by the user's normalised DN."""
    with database.read() as connection:
        return _account(connection, _owner_of_dn(key))


def set_dn(database: Database, name: str, dn: str | None, *, actor: str) -> bool | DnTaken:
    """Set the DN of the user's entry, or forget it; False without such a user. Raises InvalidDn."""
    values = dn_values(dn)
    with database.write() as connection:
        found = _user(connection, _owner(name))
        if found is None:
            return False
        owner = _user(connection, _owner_of_dn(values["dn_key"])) if dn is not None else None
        if owner is not None and owner.id != found.id:
            return DnTaken(owner.login)
        connection.execute(update(users).where(users.c.id == found.id).values(values))
        return changes.raise_version(connection, found.id, "dn-set", actor, dn or "none")


def set_mfa(
    database: Database,
    name: str,
    state: MfaState,
    grace_until: datetime | None = None,
    *,
    actor: str,
    reason: str = "",
) -> bool:
    """Set the MFA state, and the grace date or none; False without such a user.

    The reason is for the audit trail.
    """
    until = f" until {grace_until:%Y-%m-%d}" if grace_until else ""
    values = {"mfa": state.value, "grace_until": grace_until}
    return _change(database, name, values, "mfa-set", actor, with_reason(f"{state}{until}", reason))


def set_blocked(database: Database, name: str, blocked: bool, *, actor: str, reason: str = "") -> bool:
    """Block or unblock; False without such a user."""
    what = "blocked" if blocked else "unblocked"
    return _change(database, name, {"blocked": blocked}, what, actor, reason)


def unlock(database: Database, name: str, *, actor: str) -> bool:
    """Begin to count the user's failed logins anew; False without such a user.

    They are counted for the user's version (gateway/throttle), so its change is all that there is to do.
    """
    return _change(database, name, {}, "unlocked", actor)


def delete(database: Database, name: str, *, actor: str) -> bool:
    """Delete the user with its names, app passwords and tombstones; False without such a user."""
    with database.write() as connection:
        found = _user(connection, _owner(name))
        if found is None:
            return False
        changes.raise_version(connection, found.id, "user-deleted", actor)
        connection.execute(delete_rows(users).where(users.c.id == found.id))
        return True


def _change(
    database: Database, name: str, values: dict[str, Any], what: str, actor: str, detail: str = ""
) -> bool:
    with database.write() as connection:
        found = _user(connection, _owner(name))
        if found is None:
            return False
        if values:
            connection.execute(update(users).where(users.c.id == found.id).values(values))
        return changes.raise_version(connection, found.id, what, actor, detail)


def _owner(name: str) -> ScalarSelect[int]:
    return select(names.c.user_id).where(names.c.name == name).scalar_subquery()


def _owner_of_dn(key: str | None) -> ScalarSelect[int]:
    return select(users.c.id).where(users.c.dn_key == key).scalar_subquery()


def dn_values(dn: str | None) -> dict[str, str | None]:
    """The columns of a DN: as it was written, and normalised. Raises InvalidDn."""
    key = normalise_dn(dn) if dn is not None else None
    if dn is not None and key is None:
        raise InvalidDn(
            f'"{printable(dn, 255)}" is not a DN. Write it as in uid=fritz,ou=people,dc=example,dc=org '
            "(RFC 4514), without invisible characters."
        )
    return {"dn": dn, "dn_key": key}


def _joined() -> Select[Any]:
    return select(users, names.c.name).join(names, names.c.user_id == users.c.id)


def _user(connection: Connection, user_id: int | ScalarSelect[int]) -> User | None:
    rows = connection.execute(_joined().where(users.c.id == user_id).order_by(names.c.rank)).all()
    return user_from(rows) if rows else None


def _users(connection: Connection, wanted: ColumnElement[bool]) -> list[User]:
    rows = connection.execute(_joined().where(wanted).order_by(users.c.id, names.c.rank)).all()
    return [user_from(list(group)) for _, group in groupby(rows, key=lambda row: row.id)]


def _account(connection: Connection, user_id: int | ScalarSelect[int]) -> Account | None:
    found = _user(connection, user_id)
    if found is None:
        return None
    known = tuple(_app_passwords_of(connection, [found.id]).get(found.id, ()))
    return Account(found, known, changes.position(connection), changes.history(connection))


def _app_passwords_of(connection: Connection, user_ids: list[int]) -> dict[int, list[AppPassword]]:
    """By user, oldest first, tombstones included."""
    owned = app_password_rows(connection).where(app_passwords.c.user_id.in_(user_ids))
    found: dict[int, list[AppPassword]] = {}
    for row in connection.execute(owned.order_by(app_passwords.c.created_at, app_passwords.c.id)):
        found.setdefault(row.user_id, []).append(app_password_from(row))
    return found
