"""Carries a plan out: each change with its version, change feed and audit, many in one transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, update
from sqlalchemy.exc import IntegrityError

from store import changes
from store.database import Database
from store.importing.plan import Step, Value
from store.model import MfaState
from store.schema import users
from store.user_rows import insert_user, replace_names
from store.users import dn_values

_AT_ONCE = 100  # steps in one transaction, which keeps other writers waiting


def carry_out(database: Database, steps: Sequence[Step], actor: str) -> list[Step]:
    """Returns the steps that weren't taken, as somebody changed the store meanwhile or has the DN.

    Raises StoreUnavailable; the steps before it are done, and doing all again does no harm.
    """
    left: list[Step] = []
    for start in range(0, len(steps), _AT_ONCE):
        with database.write() as connection:
            left += [one for one in steps[start : start + _AT_ONCE] if not _done(connection, one, actor)]
    return left


def _done(connection: Connection, step: Step, actor: str) -> bool:
    try:
        with connection.begin_nested():
            return _add(connection, step, actor) if step.user is None else _change(connection, step, actor)
    except IntegrityError:
        return False


def _add(connection: Connection, step: Step, actor: str) -> bool:
    entry = step.entry
    mfa = entry.mfa or MfaState.DISABLED
    values = {
        "mfa": mfa.value,
        "grace_until": entry.grace_until,
        "backend_login": entry.backend_login,
        "blocked": bool(entry.blocked),
        **dn_values(entry.dn),
    }
    added = insert_user(connection, values, (entry.login, *_others(step)))
    return changes.raise_version(connection, added, "user-added", actor, f"mfa {mfa}")


def _change(connection: Connection, step: Step, actor: str) -> bool:
    assert step.user is not None
    same = (users.c.id == step.user.id, users.c.version == step.user.version)
    values = {"version": users.c.version} | _values(step)
    if not connection.execute(update(users).where(*same).values(values)).rowcount:
        return False
    renamed = "aliases" in step.differences
    if renamed:
        replace_names(connection, step.user.id, (step.user.login, *_others(step)))
    detail = "; ".join(f"{name} {_told(new)}" for name, (_, new) in step.differences.items())
    what = "names-changed" if renamed else "imported"
    return changes.raise_version(connection, step.user.id, what, actor, detail)


def _others(step: Step) -> list[str]:
    return [name for name in step.entry.aliases or () if name != step.entry.login]


def _values(step: Step) -> dict[str, Any]:
    entry, differences = step.entry, step.differences
    values: dict[str, Any] = {}
    if not differences.keys().isdisjoint(("mfa", "grace_until")):
        values |= {"mfa": entry.mfa.value if entry.mfa else None, "grace_until": entry.grace_until}
    if "dn" in differences:
        values |= dn_values(entry.dn)
    return values | {
        name: getattr(entry, name) for name in ("backend_login", "blocked") if name in differences
    }


def _told(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) or "none" if isinstance(value, tuple) else str(value or "none")
