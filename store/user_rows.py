"""Rows of users and their names, within a transaction that somebody else began."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert

from store.schema import names as name_rows
from store.schema import users
from store.skeleton import skeleton


def insert_user(connection: Connection, values: Mapping[str, Any], names: Sequence[str]) -> int:
    """Add a user, whose first name is the login; its id. Raises IntegrityError where one is taken."""
    new = {"blocked": False, "version": 0, "created_at": datetime.now(UTC)} | dict(values)
    added: int = connection.execute(insert(users).values(new).returning(users.c.id)).scalar_one()
    _insert_names(connection, added, names)
    return added


def replace_names(connection: Connection, user_id: int, names: Sequence[str]) -> None:
    """Give a user these names and no others. Raises IntegrityError where one is taken."""
    connection.execute(delete(name_rows).where(name_rows.c.user_id == user_id))
    _insert_names(connection, user_id, names)


def _insert_names(connection: Connection, user_id: int, names: Sequence[str]) -> None:
    rows = [_name_row(name, user_id, rank) for rank, name in enumerate(names)]
    connection.execute(insert(name_rows), rows)


def _name_row(name: str, user_id: int, rank: int) -> dict[str, Any]:
    local, domain = skeleton(name)
    return {"name": name, "user_id": user_id, "rank": rank, "skeleton": local, "domain": domain}
