"""A writer's hint that there is something new in the change feed: NOTIFY, where the database has it.

Apart from whoever listens (store/nudges.py), so that a store on SQLite loads no other driver. Redis is told
after the commit (store/database.py), by what is noted here.
"""

from sqlalchemy import Connection, func, select

from store.connection_marks import CHANGED

CHANNEL = "wicketgate_changes"


def nudge(connection: Connection) -> None:
    """Nudge all who wait, when the transaction commits. Several in one transaction are one."""
    connection.info[CHANGED] = True
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(CHANNEL, "")))
