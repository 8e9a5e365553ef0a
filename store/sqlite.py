"""How a SQLite file is opened: durable, one writer at a time, readers that never wait for it."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError

from store.connection_marks import HISTORY, WRITES
from store.unavailable import StoreUnavailable

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


class Sqlite:
    """A file. It is created by an upgrade only."""

    def __init__(self, url: URL, busy_seconds: float) -> None:
        self._path = Path(url.database or "").absolute()
        self.engine = _open_engine(self._path, busy_seconds)

    @staticmethod
    def is_file_url(url: URL) -> bool:
        """Whether the URL names a SQLite file. A store in memory would be another one on each connection."""
        plain = url.drivername == "sqlite" and not url.host and not url.query
        return plain and bool(url.database) and url.database != ":memory:"

    def is_there(self) -> bool:
        return self._path.exists()

    def told(self, error: SQLAlchemyError) -> tuple[str, str]:
        """SQLite's own text, and what to do about it."""
        reason = str(error.orig) if isinstance(error, DBAPIError) else type(error).__name__
        fitting = (text for fragment, text in _ADVICE.items() if fragment in reason)
        return reason, next(fitting, "Check the disk and the file, then try again.")

    @contextmanager
    def prepared_for_upgrade(self) -> Iterator[None]:
        """Create the file where there is none, for its owner only."""
        with _alone_in_directory(self._path):
            _create_file(self._path)
            yield

    def lift_limits(self, connection: Connection) -> None:
        """There are none."""

    def nudges(self) -> None:
        """Another process can't be told."""


def _open_engine(path: Path, busy_seconds: float) -> Engine:
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
        record.info[HISTORY] = _identity(path)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    # After a backup was restored or the file removed, an open connection would go on with the old
    # file, and show app passwords as alive that the restored one knows as deleted.
    @event.listens_for(engine, "checkout")
    def same_file(connection: sqlite3.Connection, record: Any, proxy: Any) -> None:
        if record.info[HISTORY] != _identity(path):
            raise DisconnectionError


def _identity(path: Path) -> str | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return f"{found.st_dev}:{found.st_ino}"


def _begin(connection: Connection) -> None:
    # IMMEDIATE takes the writers' lock at once. What is read afterwards stays true until the commit,
    # and numbers of the change feed are given in the order of the commits.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _alone_in_directory(path: Path) -> Iterator[None]:
    # SQLite doesn't wait for its lock when two connections turn a new file into WAL mode at once.
    try:
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise _not_created(path, error) from None
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def _create_file(path: Path) -> None:
    # SQLite gives its -wal and -shm files the permissions of the main file. A file that is there isn't
    # opened: closing it again would drop the locks that this process holds on it through SQLite.
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise _not_created(path, error) from None


def _not_created(path: Path, error: OSError) -> StoreUnavailable:
    return StoreUnavailable(
        f"The store's file {path} can't be created: {error.strerror}. "
        "Check store.url, the directory and its permissions."
    )
