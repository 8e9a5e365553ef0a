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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wicketgate.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    upgrade(url)
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
