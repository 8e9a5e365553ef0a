"""The change feed: one row for every change of a user, written in the change's own transaction.

Writers exclude each other, so the order of positions is the order of commits, and whoever has seen
position N has seen everything up to N.
"""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select, update

from store import audit, nudges
from store.database import Database
from store.model import Change
from store.schema import changes, names, users


def position(connection: Connection) -> int:
    """The newest position, 0 while nothing has ever changed."""
    newest: int | None = connection.execute(select(func.max(changes.c.position))).scalar_one()
    return newest or 0


def since(database: Database, position: int, limit: int = 10_000) -> list[Change]:
    """Up to `limit` changes after the position, oldest first. Raises StoreUnavailable."""
    statement = select(changes).where(changes.c.position > position).order_by(changes.c.position)
    with database.read() as connection:
        rows = connection.execute(statement.limit(limit)).all()
        return [Change(row.position, row.user_id, row.version, row.what, row.at) for row in rows]


def record(connection: Connection, user_id: int, version: int, what: str) -> None:
    """Add one row to the feed, in the transaction that makes the change."""
    row = {"user_id": user_id, "version": version, "what": what, "at": datetime.now(UTC)}
    connection.execute(insert(changes).values(row))
    nudges.nudge(connection)


def raise_version(connection: Connection, user_id: int, what: str, actor: str, detail: str = "") -> bool:
    """Raise the user's version and tell the change feed and the audit trail; False without that user."""
    raised = update(users).where(users.c.id == user_id).values(version=users.c.version + 1)
    version = connection.execute(raised.returning(users.c.version)).scalar_one_or_none()
    if version is None:
        return False
    login = select(names.c.name).where(names.c.user_id == user_id, names.c.rank == 0)
    record(connection, user_id, version, what)
    audit.record(connection, actor, what, connection.execute(login).scalar_one(), detail)
    return True
