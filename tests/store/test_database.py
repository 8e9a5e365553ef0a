"""What holds of a transaction, whichever database it is on."""

import pytest
from sqlalchemy import update

from store import changes, users
from store.database import Database, StoreUnavailable
from store.schema import users as table


def test_an_exception_in_a_transaction_leaves_no_trace(database, fritz):
    def interrupted():
        with database.write() as connection:
            connection.execute(update(table).values(blocked=True))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert users.find(database, fritz.login) == fritz


def test_a_store_that_was_away_is_used_again(database, store, fritz):
    with store.away(), pytest.raises(StoreUnavailable):
        users.find(database, fritz.login)
    assert users.find(database, fritz.login) == fritz


def test_a_writer_that_waits_too_long_is_unavailable(database, url):
    impatient = Database(url, busy_seconds=0.05)
    with database.write(), pytest.raises(StoreUnavailable, match=r"lock.* Another process holds it for long"):
        users.add(impatient, "dora@example.test", actor="test")
    assert users.add(impatient, "dora@example.test", actor="test")
    impatient.close()


def test_a_reader_sees_one_moment_from_its_first_statement_on(database, fritz):
    with database.read() as reader:
        before = changes.position(reader)
        users.add(database, "dora@example.test", actor="test")
        assert changes.position(reader) == before
    with database.read() as reader:
        assert changes.position(reader) == before + 1


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///:memory:", "mysql://host/x", "/var/lib/x.db"])
def test_another_kind_of_store_is_refused_with_what_is_allowed(url):
    with pytest.raises(StoreUnavailable, match=r"Allowed are sqlite:////.* and postgresql://"):
        Database(url)
