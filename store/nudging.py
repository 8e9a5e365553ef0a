"""NOTIFY: a writer's hint that there is something new in the change feed, where the database has one.

Apart from whoever listens (store/nudges.py), so that a store on SQLite loads no other driver.
"""

from sqlalchemy import Connection, func, select

CHANNEL = "wicketgate_changes"


def nudge(connection: Connection) -> None:
    """Nudge all who wait, when the transaction commits. Several in one transaction are one."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(CHANNEL, "")))
