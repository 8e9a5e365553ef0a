"""The two kinds of store, and what a test does to each in its own way."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from store.schema import metadata
from store.schema_version import newest
from tests.servers.postgresql import PostgreSql


class Store(Protocol):
    """A store that one test has to itself."""

    url: str

    @contextmanager
    def away(self) -> Iterator[None]:
        """Within it, the store can't be reached."""

    def everything(self) -> list[bytes]:
        """All that is stored, as somebody sees it who has stolen it."""


class SqliteStore:
    """A file in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "wicketgate.db"
        self.url = f"sqlite:///{self.path}"

    @contextmanager
    def away(self) -> Iterator[None]:
        os.rename(self.path, f"{self.path}.away")
        try:
            yield
        finally:
            os.rename(f"{self.path}.away", self.path)

    def everything(self) -> list[bytes]:
        return [file.read_bytes() for file in self.path.parent.iterdir()]


class PostgreSqlStore:
    """A database on a server."""

    def __init__(self, server: PostgreSql, name: str) -> None:
        self.server = server
        self.name = name
        self.url = server.url(name)

    @contextmanager
    def away(self) -> Iterator[None]:
        self._let_in(False)
        self.server.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", self.name
        )
        try:
            yield
        finally:
            self._let_in(True)

    def everything(self) -> list[bytes]:
        names = self.server.query(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
            database=self.name,
        )
        texts = [self.server.query(f"SELECT t::text FROM {name} t", database=self.name) for (name,) in names]
        return ["\n".join(text for (text,) in rows).encode() for rows in texts]

    def _let_in(self, whether: bool) -> None:
        self.server.query("UPDATE pg_database SET datallowconn = %s WHERE datname = %s", whether, self.name)


def emptied(store: PostgreSqlStore) -> PostgreSqlStore:
    """The same with the newest schema and nothing in it, as if it had just been upgraded."""
    tables = ", ".join(table.name for table in metadata.sorted_tables)
    store.server.query(f"TRUNCATE {tables} RESTART IDENTITY CASCADE", database=store.name)
    store.server.query("UPDATE alembic_version SET version_num = %s", newest(), database=store.name)
    return store


@contextmanager
def postgresql_store(server: PostgreSql) -> Iterator[PostgreSqlStore]:
    """A new database without tables, for as long as the block lasts."""
    name = server.new_database()
    try:
        yield PostgreSqlStore(server, name)
    finally:
        server.drop_database(name)
