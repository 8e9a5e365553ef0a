"""The schema that the store has, and the newest one.

Every command and every start of the gateway asks for both, so it is done without Alembic: loading that would
be a third of the time that a command takes, and memory that a gateway holds for ever.
"""

from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

MIGRATIONS = Path(__file__).parent / "migrations"
_APPLIED = table("alembic_version", column("version_num"))


def current(connection: Connection) -> str | None:
    """The last migration that was applied; None for a store without tables."""
    if not inspect(connection).has_table(_APPLIED.name):
        return None
    version: str | None = connection.execute(select(_APPLIED.c.version_num)).scalar_one_or_none()
    return version


def newest() -> str | None:
    """The last migration there is, by the names of their files; None where an installation has none."""
    numbers = [path.name[1:5] for path in (MIGRATIONS / "versions").glob("r[0-9][0-9][0-9][0-9]_*.py")]
    return max(numbers, default=None)
