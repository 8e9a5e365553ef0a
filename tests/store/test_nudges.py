"""Whoever waits for a nudge hears of a change soon; nothing else is promised."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from store import users
from store.database import Database
from store.upgrade import upgrade
from tests.servers.postgresql import PostgreSql


@pytest.fixture
def nudges(database, store):
    """They listen, and what came before is over."""
    nudges = database.nudges()
    if nudges is not None:
        assert nudges.wait(60)  # it begins with one: nobody knows what was missed
        yield nudges
        nudges.close()
        nudges.wait(1)
    else:
        yield None


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_file_nudges_nobody(nudges):
    assert nudges is None


@pytest.mark.timeout(60)
@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
class TestPostgreSql:
    def test_a_change_ends_the_wait(self, database, nudges):
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(nudges.wait, 600)
            users.add(database, "fritz@example.test", actor="test")
            assert waiting.result()

    def test_several_writes_in_one_transaction_and_what_was_rolled_back(self, database, nudges):
        def nothing():
            with database.write() as connection:
                users.changes.record(connection, 1, 1, "rolled back")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            nothing()
        assert not nudges.wait(0.2)
        with database.write() as connection:
            for version in range(3):
                users.changes.record(connection, 1, version, "changed")
        assert nudges.wait(60)
        assert not nudges.wait(0.2)

    def test_close_ends_the_wait(self, nudges):
        with ThreadPoolExecutor(1) as threads:
            waiting = threads.submit(nudges.wait, 600)
            nudges.close()
            assert not waiting.result()

    def test_it_listens_again_after_the_server_was_away(self, store):
        with PostgreSql() as server:
            url = server.url(server.new_database())
            upgrade(url)
            with closing(Database(url)) as database:
                nudges = database.nudges()
                assert nudges.wait(60)
                server.stop()
                assert not nudges.wait(0.5)
                server.start()
                assert nudges.wait(60)
                users.add(database, "fritz@example.test", actor="test")
                assert nudges.wait(60)
                nudges.close()
                nudges.wait(1)
