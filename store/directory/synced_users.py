"""Users as the sync sets them: each change with its version, change feed and audit, many in one transaction.

Every function raises StoreUnavailable when the store can't decide.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, func, select, update
from sqlalchemy.exc import IntegrityError

from store import changes
from store import users as user_rows
from store.database import Database
from store.directory.entries import Wanted
from store.directory.state import Change
from store.model import MfaState, User
from store.portal.schema import portal_roles
from store.schema import names, users
from store.user_rows import insert_user, replace_names

ACTOR = "directory sync"
_AT_ONCE = 100  # changes in one transaction, which keeps other writers waiting


@dataclass(frozen=True, slots=True)
class Known:
    """Users, whose each of their normalised DNs is, and the ids of users who have a role."""

    users: Sequence[User]
    dn_keys: Mapping[str, int]
    with_role: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Totals:
    """How many users came from the directory; how many of them are not disabled, and have an MFA state."""

    known: int
    enabled: int
    with_mfa: int


def known(database: Database) -> Known:
    """All users."""
    return _known(database, None)


def concerned(database: Database, seen: Collection[str], wanted: Sequence[Wanted]) -> Known:
    """The users who have an identity that was seen, or a name or a DN that is wanted."""
    return _known(database, _ids(database, list(seen), wanted))


def _known(database: Database, ids: set[int] | None) -> Known:
    found = user_rows.list_users(database, ids)
    mine = users.c.dn_key.is_not(None) if ids is None else users.c.id.in_(ids)
    statement = select(users.c.dn_key, users.c.id).where(mine)
    with database.read() as connection:
        keys = {row.dn_key: row.id for row in connection.execute(statement) if row.dn_key is not None}
    return Known(found, keys)


def with_role(database: Database) -> frozenset[int]:
    """The ids of the users who have a role in the portal."""
    with database.read() as connection:
        return frozenset(connection.execute(select(portal_roles.c.user_id)).scalars())


def totals(database: Database) -> Totals:
    """Counted in the store."""
    statement = select(
        func.count(),
        func.count().filter(users.c.disabled.is_(False)),
        func.count().filter(users.c.mfa != MfaState.DISABLED.value),
    ).where(users.c.directory_id.is_not(None))
    with database.read() as connection:
        return Totals(*connection.execute(statement).one())


def apply(database: Database, wanted: Sequence[Change]) -> list[Change]:
    """Carry the changes out; those that could not be, since somebody changed the store meanwhile."""
    left: list[Change] = []
    for start in range(0, len(wanted), _AT_ONCE):
        with database.write() as connection:
            left += [one for one in wanted[start : start + _AT_ONCE] if not _done(connection, one)]
    return left


def _ids(database: Database, seen: list[str], wanted: Sequence[Wanted]) -> set[int]:
    all_names = [name for one in wanted for name in (one.login, *(one.aliases or ()))]
    asked: list[tuple[Column[int], Column[str], list[str]]] = [
        (users.c.id, users.c.directory_id, seen),
        (users.c.id, users.c.dn_key, [one.dn_key for one in wanted]),
        (names.c.user_id, names.c.name, all_names),
    ]
    ids: set[int] = set()
    with database.read() as connection:
        for owner, column, values in asked:
            for start in range(0, len(values), _AT_ONCE):
                some = column.in_(values[start : start + _AT_ONCE])
                ids.update(connection.execute(select(owner).where(some)).scalars())
    return ids


def _done(connection: Connection, change: Change) -> bool:
    try:
        with connection.begin_nested():
            return _add(connection, change) if change.user is None else _change(connection, change)
    except IntegrityError:
        return False


def _add(connection: Connection, change: Change) -> bool:
    added = insert_user(connection, _values(change), change.after.names)
    return changes.raise_version(connection, added, "user-added", ACTOR, f"mfa {change.after.mfa}")


def _change(connection: Connection, change: Change) -> bool:
    assert change.user is not None
    same = (users.c.id == change.user.id, users.c.version == change.user.version)
    differences = {one.key: one for one in change.differences()}
    values = _values(change)
    if "mfa" in differences:
        values["grace_until"] = None
    if not connection.execute(update(users).where(*same).values(values)).rowcount:
        return False
    renamed = not differences.keys().isdisjoint(("login", "aliases"))
    if renamed:
        replace_names(connection, change.user.id, change.after.names)
    detail = "; ".join(f"{one.key} {_told(one.new)}" for one in differences.values())
    what = "names-changed" if renamed else "directory-changed"
    return changes.raise_version(connection, change.user.id, what, ACTOR, detail)


def _values(change: Change) -> dict[str, Any]:
    after = change.after
    return {
        "mfa": after.mfa.value,
        "disabled": after.disabled,
        "dn": after.dn,
        "dn_key": change.dn_key,
        "directory_id": after.directory_id,
    }


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value or "none")
