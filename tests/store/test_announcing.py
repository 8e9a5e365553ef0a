"""Whoever is to be told of changes is told after the commit, once, and only of changes."""

import pytest

from store import app_passwords, changes, users
from store.database import Database, StoreUnavailable
from store.upgrade import upgrade


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def database(tmp_path, told):
    url = f"sqlite:///{tmp_path / 'wicketgate.db'}"
    upgrade(url)
    reader = Database(url)

    def announce():
        told.append(",".join(one.login for one in users.list_users(reader)))

    database = Database(url, announce=announce)
    yield database
    database.close()
    reader.close()


def test_a_change_is_told_when_others_can_see_it(database, told):
    users.add(database, "fritz@example.test", actor="test")
    assert told == ["fritz@example.test"]
    users.set_blocked(database, "fritz@example.test", True, actor="test")
    assert len(told) == 2


def test_what_changes_nothing_is_not_told(database, told):
    users.list_users(database)
    assert users.set_blocked(database, "nobody@example.test", True, actor="test") is False
    app_passwords.replace_hash(database, "abcdefgh", "old", "new")
    assert told == []


def test_what_was_rolled_back_is_not_told_then_or_later(database, told):
    users.add(database, "fritz@example.test", actor="test")
    with pytest.raises(StoreUnavailable):
        record_in_vain(database)
    app_passwords.replace_hash(database, "abcdefgh", "old", "new")
    assert told == ["fritz@example.test"]


def record_in_vain(database):
    with database.write() as connection:
        changes.record(connection, 1, 2, "something")
        raise ValueError
