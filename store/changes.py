"""The change feed: one row for every change of a user, written in the change's own transaction.

Writers exclude each other, so the order of positions is the order of commits, and whoever has seen
position N has seen everything up to N.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from store import audit, nudging
from store.connection_marks import HISTORY
from store.database import Database
from store.model import Change, News
from store.schema import changes, names, users


def position(connection: Connection) -> int:
    """The newest position, 0 while nothing has ever changed."""
    newest: int | None = connection.execute(select(func.max(changes.c.position))).scalar_one()
    return newest or 0


def history(connection: Connection) -> str:
    """Which history the positions belong to.

    A standby that is promoted may not have all that its primary had, and a backup that is restored never has:
    it goes on with positions that meant something else. Either begins another history.
    """
    found: str = connection.info[HISTORY]
    return found


def news(database: Database, known: str, position: int, limit: int = 10_000) -> News:
    """What came after the position of the known history. Of another history: nothing, but its name.

    Raises StoreUnavailable.
    """
    with database.read() as connection:
        found = history(connection)
        return News(found, tuple(_since(connection, position, limit)) if found == known else ())


def tail(database: Database, limit: int) -> News:
    """The newest `limit` changes, oldest first. Raises StoreUnavailable."""
    newest = select(changes).order_by(changes.c.position.desc()).limit(limit)
    with database.read() as connection:
        rows = connection.execute(newest).all()
        return News(history(connection), tuple(map(_change, reversed(rows))))


def since(database: Database, position: int, limit: int = 10_000) -> list[Change]:
    """Up to `limit` changes after the position, oldest first. Raises StoreUnavailable."""
    with database.read() as connection:
        return _since(connection, position, limit)


def record(connection: Connection, user_id: int, version: int, what: str) -> None:
    """Add one row to the feed, in the transaction that makes the change."""
    row = {"user_id": user_id, "version": version, "what": what, "at": datetime.now(UTC)}
    connection.execute(insert(changes).values(row))
    nudging.nudge(connection)


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


def _since(connection: Connection, position: int, limit: int) -> list[Change]:
    later = select(changes).where(changes.c.position > position).order_by(changes.c.position).limit(limit)
    return [_change(row) for row in connection.execute(later).all()]


def _change(row: Row[Any]) -> Change:
    return Change(row.position, row.user_id, row.version, row.what, row.at)
