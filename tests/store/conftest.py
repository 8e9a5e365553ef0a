"""A throw-away store with the newest schema, a pepper, cheap hashing, and one user."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store import users
from store.database import Database
from store.hashing import Argon2
from store.model import User
from store.pepper import Pepper
from store.upgrade import upgrade
from tests.servers.postgresql import PostgreSql
from tests.store.stores import PostgreSqlStore, SqliteStore, Store, emptied, postgresql_store


@pytest.fixture(scope="session")
def upgraded(postgresql: PostgreSql) -> str:
    """The name of a database with the newest schema: making one takes longer than any test."""
    name = postgresql.new_database()
    upgrade(postgresql.url(name))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store of each kind, with tables if the test asks for `database`.

    Tests of one kind only: @pytest.mark.parametrize("store", ["sqlite"], indirect=True).
    """
    ready = "database" in request.fixturenames
    if request.param == "sqlite":
        sqlite = SqliteStore(tmp_path)
        if ready:
            upgrade(sqlite.url)
        yield sqlite
        return
    server: PostgreSql = request.getfixturevalue("postgresql")
    if ready:
        yield emptied(PostgreSqlStore(server, request.getfixturevalue("upgraded")))
        return
    with postgresql_store(server) as made:
        yield made


@pytest.fixture
def url(store: Store) -> str:
    return store.url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url, busy_seconds=10)
    yield database
    database.close()


@pytest.fixture
def pepper() -> Pepper:
    return Pepper(bytes(range(32)))


@pytest.fixture
def argon2() -> Argon2:
    return Argon2(memory_kib=8, time_cost=1, parallelism=1)


@pytest.fixture
def fritz(database: Database) -> User:
    user = users.add(database, "fritz@example.test", ("fritzchen@example.test",), actor="test")
    assert user is not None
    return user
