"""Brings the store's tables to the newest schema, and tells whether they are."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from store import schema_version, sqlite
from store.database import Database, StoreUnavailable


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """The schema that the store has, None for a store without tables, and the newest one."""

    current: str | None
    newest: str


def upgrade(url: str) -> None:
    """Create the file where there is none, for its owner only, and run the missing migrations.

    All of them or none take effect. Raises StoreUnavailable.
    """
    with _opened(url) as database, _alone_in_directory(path := sqlite.path_of(make_url(url))):
        _create_file(path)
        with database.write() as connection:
            _run_migrations(connection)


def status(url: str) -> SchemaStatus:
    """The store's schema and the newest. Raises StoreUnavailable; a file that isn't there has none."""
    with _opened(url) as database:
        missing = not sqlite.path_of(make_url(url)).exists()
        return SchemaStatus(None if missing else _current(database), _newest())


def require_current_schema(database: Database) -> None:
    """Return if the store has the newest schema; else raise StoreUnavailable, saying what to run."""
    current, newest = _current(database), _newest()
    if current is None:
        raise StoreUnavailable("The store has no tables. Run `wicketgate db upgrade`.")
    if current != newest:
        raise StoreUnavailable(
            f"The store's schema is {current}, and this version of Wicketgate needs {newest}. "
            "Run `wicketgate db upgrade`."
        )


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


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


def _run_migrations(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    # Config expands percent signs, which a path may hold.
    config.set_main_option("script_location", str(schema_version.MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise StoreUnavailable(
            "The store was made by a newer version of Wicketgate. Install that version, or restore a backup."
        ) from None


def _current(database: Database) -> str | None:
    with database.read() as connection:
        return schema_version.current(connection)


def _newest() -> str:
    newest = schema_version.newest()
    if newest is None:
        raise StoreUnavailable("This installation has no migrations. Install Wicketgate again.")
    return newest
