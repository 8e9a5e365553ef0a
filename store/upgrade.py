"""Brings the store's tables to the newest schema, and tells whether they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from store import schema_version
from store.database import Database, StoreUnavailable


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """The schema that the store has, None for a store without tables, and the newest one."""

    current: str | None
    newest: str


def upgrade(url: str) -> None:
    """Run the missing migrations, in a new file where there is none. One upgrade waits for another.

    All of them or none take effect. Raises StoreUnavailable.
    """
    with _opened(url) as database, database.upgrade() as connection:
        _run_migrations(connection)


def status(url: str) -> SchemaStatus:
    """The store's schema and the newest. Raises StoreUnavailable; a file that isn't there has none."""
    with _opened(url) as database:
        return SchemaStatus(_current(database) if database.is_there() else None, _newest())


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
