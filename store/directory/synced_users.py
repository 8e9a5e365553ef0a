"""Users as the sync sets them: each change with its version, change feed and audit, many in one transaction.

Every function raises StoreUnavailable when the store can't decide.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from store import changes
from store.database import Database
from store.directory.state import Change, State
from store.schema import names, users

ACTOR = "directory sync"
_AT_ONCE = 100  # changes in one transaction, which keeps other writers waiting


def dn_keys(database: Database) -> dict[str, int]:
    """Whose each normalised DN is."""
    statement = select(users.c.dn_key, users.c.id).where(users.c.dn_key.is_not(None))
    with database.read() as connection:
        return {row.dn_key: row.id for row in connection.execute(statement)}


def apply(database: Database, wanted: Sequence[Change]) -> list[Change]:
    """Carry the changes out; those that could not be, since somebody changed the store meanwhile."""
    left: list[Change] = []
    for start in range(0, len(wanted), _AT_ONCE):
        with database.write() as connection:
            left += [one for one in wanted[start : start + _AT_ONCE] if not _done(connection, one)]
    return left


def _done(connection: Connection, change: Change) -> bool:
    try:
        with connection.begin_nested():
            return _add(connection, change) if change.user is None else _change(connection, change)
    except IntegrityError:
        return False


def _add(connection: Connection, change: Change) -> bool:
    rest = {"blocked": False, "version": 0, "created_at": datetime.now(UTC)}
    statement = insert(users).values(_values(change) | rest).returning(users.c.id)
    added = connection.execute(statement).scalar_one()
    _set_names(connection, added, change.after)
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
        connection.execute(delete(names).where(names.c.user_id == change.user.id))
        _set_names(connection, change.user.id, change.after)
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


def _set_names(connection: Connection, user_id: int, after: State) -> None:
    rows = [{"name": name, "user_id": user_id, "rank": rank} for rank, name in enumerate(after.names)]
    connection.execute(insert(names), rows)


def _told(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value or "none")
