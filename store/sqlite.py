"""How a SQLite file is opened: durable, one writer at a time, readers that never wait for it."""

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

ALLOWED_URL = "Allowed is sqlite:////var/lib/wicketgate/wicketgate.db, with four slashes before the path."

# The execution option that marks the connections that write.
WRITES = "wicketgate_writes"

_POOL_SIZE = 8
_ADVICE = {
    "no such table": "Run `wicketgate db upgrade`.",
    "unable to open": "Check store.url and the permissions, or run `wicketgate db upgrade` to create it.",
    "locked": "Another process holds it for long. Try again; then look for a running import or backup.",
    "TimeoutError": "Too many threads use it at once. Try again.",
    "full": "Free space on its disk.",
    "readonly": "Let the user that runs Wicketgate write the file and its directory.",
    "malformed": "The file is damaged. Restore a backup.",
    "not a database": "The file is damaged or something else. Check store.url, or restore a backup.",
}


def is_file_url(url: URL) -> bool:
    """Whether the URL names a SQLite file. A store in memory would be another one on each connection."""
    plain = url.drivername == "sqlite" and not url.host and not url.query
    return plain and bool(url.database) and url.database != ":memory:"


def path_of(url: URL) -> Path:
    """The absolute path of the file."""
    return Path(url.database or "").absolute()


def advice(reason: str) -> str:
    """What to do about one of SQLite's error texts."""
    fitting = (text for fragment, text in _ADVICE.items() if fragment in reason)
    return next(fitting, "Check the disk and the file, then try again.")


def open_engine(url: URL, busy_seconds: float) -> Engine:
    """An engine with a pool of connections to an existing file; it never creates one."""
    path = path_of(url)
    address = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "rw", "uri": "true"})
    engine = create_engine(
        address,
        # Python's own BEGIN comes late and never IMMEDIATE; ours is sent below.
        connect_args={"timeout": busy_seconds, "isolation_level": None},
        pool_size=_POOL_SIZE,
        max_overflow=0,
        pool_timeout=2 * busy_seconds,
        hide_parameters=True,
    )
    _configure_connections(engine, path)
    event.listen(engine, "begin", _begin)
    return engine


def _configure_connections(engine: Engine, path: Path) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: Any) -> None:
        record.info["file"] = _identity(path)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    # After a backup was restored or the file removed, an open connection would go on with the old
    # file, and show app passwords as alive that the restored one knows as deleted.
    @event.listens_for(engine, "checkout")
    def same_file(connection: sqlite3.Connection, record: Any, proxy: Any) -> None:
        if record.info["file"] != _identity(path):
            raise DisconnectionError


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the writers' lock at once. What is read afterwards stays true until the commit,
    # and numbers of the change feed are given in the order of the commits.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
