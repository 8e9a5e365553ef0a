"""The audit trail: who changed what, for whom. Rows are added and never altered."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, or_, select

from store.database import Database
from store.model import AuditEntry
from store.printable import printable
from store.schema import audit


def record(connection: Connection, actor: str, action: str, login: str, detail: str = "") -> None:
    """Add one entry, in the transaction of the act. The texts are cut to what prints on one line."""
    row = {"actor": actor, "action": action, "login": login, "detail": detail}
    shown = {column: printable(text, 500) for column, text in row.items()}
    connection.execute(insert(audit).values(at=datetime.now(UTC), **shown))


def with_reason(detail: str, reason: str) -> str:
    """What was done, and why, as somebody wrote it."""
    return f"{detail}; {reason}" if reason else detail


def entries(
    database: Database,
    login: str | None = None,
    limit: int = 1000,
    *,
    since: datetime | None = None,
    actor: str | None = None,
    action: str | None = None,
    before: int | None = None,
    domains: Iterable[str] = (),
) -> list[AuditEntry]:
    """The newest entries first, of those that fit. Raises StoreUnavailable.

    `before` is the id at which the page before ended; `domains` are those of the logins, none for all.
    """
    statement = select(audit).order_by(audit.c.id.desc()).limit(limit)
    for column, wanted in ((audit.c.login, login), (audit.c.actor, actor), (audit.c.action, action)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if since is not None:
        statement = statement.where(audit.c.at >= since)
    if before is not None:
        statement = statement.where(audit.c.id < before)
    if scope := [audit.c.login.endswith(f"@{domain}", autoescape=True) for domain in domains]:
        statement = statement.where(or_(*scope))
    with database.read() as connection:
        rows = connection.execute(statement).all()
        return [AuditEntry(row.id, row.at, row.actor, row.action, row.login, row.detail) for row in rows]
