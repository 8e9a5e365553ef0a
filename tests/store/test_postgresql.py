"""A PostgreSQL server that is down, hangs, fails over or lets nobody in; and what it is told to do."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from store import app_passwords, audit, changes, users
from store.database import Database, StoreUnavailable
from store.last_used import LastUsed
from store.upgrade import require_current_schema, upgrade
from tests.servers.certificates import Authority
from tests.servers.postgresql import PostgreSql, address

pytestmark = pytest.mark.parametrize("store", ["postgresql"], indirect=True)

RIGHTS = Path(__file__).parents[2] / "docs" / "postgresql.md"
FRITZ = "fritz@example.test"


@contextmanager
def opened(url, busy_seconds=5.0):
    database = Database(url, busy_seconds)
    try:
        yield database
    finally:
        database.close()


@pytest.fixture(scope="module")
def server():
    """One that a test may stop and start again."""
    with PostgreSql() as server:
        yield server


@pytest.fixture
def elsewhere(server, store):
    """The URL of a store on it, where fritz is."""
    name = server.new_database()
    upgrade(server.url(name))
    with opened(server.url(name)) as database:
        users.add(database, FRITZ, actor="test")
    yield server.url(name)
    server.drop_database(name)


def until(condition):
    """Wait for what another process does; the test's own time limit ends it."""
    while not condition():
        pass


class TestWhoWritesFirst:
    def test_a_position_is_seen_by_nobody_before_those_below_it(self, store, database, fritz):
        """Without the lock the second writer commits first, and a follower passes over the first for ever."""
        entered, may_end = Event(), Event()
        seen = changes.since(database, 0)[-1].position

        def first():
            with database.write() as connection:
                changes.record(connection, fritz.id, 2, "first")
                entered.set()
                may_end.wait()

        def waits_or_is_done():
            query = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
            return second.done() or store.server.query(query, store.name)

        with ThreadPoolExecutor(2) as threads:
            writing = threads.submit(first)
            entered.wait()
            second = threads.submit(users.set_blocked, database, FRITZ, True, actor="test")
            until(waits_or_is_done)
            early = changes.since(database, seen)
            may_end.set()
            writing.result()
        assert early == []
        assert [one.what for one in changes.since(database, seen)] == ["first", "blocked"]

    def test_a_writer_that_stands_still_keeps_nobody_out_for_long(self, database, url, fritz):
        """Such as a gateway that was stopped, or whose machine is gone."""

        def stand_still():
            with opened(url, busy_seconds=0.2) as idle, idle.write() as connection:
                changes.record(connection, fritz.id, 2, "never")
                assert users.set_blocked(database, FRITZ, True, actor="test")

        with pytest.raises(StoreUnavailable):
            stand_still()
        assert [one.what for one in changes.since(database, 0)] == ["user-added", "blocked"]

    def test_an_upgrade_waits_for_another(self, database, url):
        with (
            opened(url, busy_seconds=0.1) as impatient,
            database.upgrade(),
            pytest.raises(StoreUnavailable, match="Another process"),
            impatient.upgrade(),
        ):
            pytest.fail("it didn't wait")


@pytest.mark.timeout(60)
class TestTheServer:
    def test_that_is_down_is_unavailable_and_is_used_once_it_is_back(self, server, elsewhere):
        with opened(elsewhere) as database:
            server.stop()
            with pytest.raises(StoreUnavailable, match="Check that the server runs"):
                users.find(database, FRITZ)
            server.start()
            assert users.find(database, FRITZ).login == FRITZ

    def test_that_was_restarted_is_not_asked_over_an_old_connection(self, server, elsewhere):
        with opened(elsewhere) as database:
            with ThreadPoolExecutor(4) as threads:
                list(threads.map(lambda _: users.find(database, FRITZ), range(16)))
            server.stop("immediate")
            server.start()
            assert users.find(database, FRITZ).login == FRITZ
            assert users.set_blocked(database, FRITZ, True, actor="test")

    def test_that_hangs_is_unavailable_soon_for_however_many_ask(self, server, elsewhere):
        def find(_):
            with pytest.raises(StoreUnavailable, match="Check that the server runs"):
                users.find(database, FRITZ)

        with opened(elsewhere) as database:
            users.find(database, FRITZ)
            with server.frozen(), ThreadPoolExecutor(4) as threads:
                list(threads.map(find, range(400)))
            until(lambda: is_found(database))

    def test_that_hangs_in_the_middle_of_a_transaction_is_given_up(self, server, elsewhere):
        def read():
            with database.read() as connection, server.frozen():
                changes.position(connection)

        with opened(elsewhere, busy_seconds=0.1) as database:
            with pytest.raises(StoreUnavailable, match=r"no answer within 2\.1 seconds"):
                read()
            assert users.find(database, FRITZ).login == FRITZ

    def test_that_is_restarted_goes_on_with_its_history(self, server, elsewhere):
        with opened(elsewhere) as database:
            before = users.account(database, FRITZ).history
            server.stop()
            server.start()
            assert users.account(database, FRITZ).history == before


def is_found(database):
    try:
        return users.find(database, FRITZ) is not None
    except StoreUnavailable:
        return False


@pytest.mark.timeout(60)
def test_after_a_failover_the_promoted_standby_is_used_and_has_another_history(store):
    with PostgreSql() as primary, primary.standby() as standby:
        name = primary.new_database()
        url = address([primary, standby], name)
        upgrade(url)
        with opened(url) as database, opened(address([standby, primary], name)) as other:
            users.add(database, FRITZ, actor="test")
            standby.until_it_has_all_of(primary)
            before = changes.news(other, users.account(other, FRITZ).history, 0)
            primary.stop("immediate")
            for one in (database, other):
                with pytest.raises(StoreUnavailable, match=r"No host takes writes\. Promote a standby"):
                    users.find(one, FRITZ)
            standby.promote()
            assert users.set_blocked(database, FRITZ, True, actor="test")
            assert users.find(other, FRITZ).blocked
            after = changes.news(other, before.history, before.changes[-1].position)
            assert (after.history == before.history, after.changes) == (False, ())


class TestWhoIsLetIn:
    @pytest.fixture
    def passfile(self, postgresql, tmp_path):
        postgresql.query("DROP ROLE IF EXISTS enno")
        postgresql.query("CREATE ROLE enno LOGIN PASSWORD 'word'")
        (tmp_path / "pgpass").touch(0o600)
        (tmp_path / "pgpass").write_text("*:*:*:enno:word\n")
        return tmp_path / "pgpass"

    def told(self, url):
        with opened(url) as database, pytest.raises(StoreUnavailable) as told:
            users.find(database, FRITZ)
        return str(told.value)

    def test_a_password_from_a_file_over_verified_tls(self, store, passfile):
        tls = f"passfile={passfile}&sslmode=verify-full&sslrootcert={store.server.ca_file}"
        assert "Run `wicketgate db upgrade`" in self.told(store.server.url(store.name, tls, role="enno"))

    def test_a_server_with_a_certificate_that_nobody_trusts_is_not_asked(self, store, passfile, tmp_path):
        (tmp_path / "other").mkdir()
        ca = Authority(tmp_path / "other").ca_file
        tls = f"passfile={passfile}&sslmode=verify-full&sslrootcert={ca}"
        assert "Check sslmode and sslrootcert" in self.told(store.server.url(store.name, tls, role="enno"))

    def test_what_is_wrong_with_a_password_is_told_and_the_password_is_not(self, store, passfile):
        assert "name it in store.url with ?passfile" in self.told(
            store.server.url(store.name, "passfile=/dev/null", role="enno")
        )
        passfile.write_text("*:*:*:enno:another-word\n")
        told = self.told(store.server.url(store.name, f"passfile={passfile}", role="enno"))
        assert "Check the role and the passfile" in told
        assert "another-word" not in told

    def test_a_database_that_is_not_there_and_one_without_rights_are_told(self, store, database, passfile):
        assert "docs/postgresql.md" in self.told(store.server.url("nowhere"))
        url = store.server.url(store.name, f"passfile={passfile}", role="enno")
        assert "Give the role what docs/postgresql.md lists" in self.told(url)

    @pytest.mark.parametrize("url", ["postgresql://[x/y", "postgresql://host/x?colour=red"])
    def test_what_is_no_url_is_told(self, store, url):
        with pytest.raises(StoreUnavailable, match="URL can't be read"):
            Database(url)


def test_the_documented_rights_are_enough_and_not_too_many(postgresql, tmp_path, store, pepper, argon2):
    roles, rights, _ = re.findall(r"```sql\n(.*?)```", RIGHTS.read_text(), re.S)
    passfile = tmp_path / "pgpass"
    passfile.touch(0o600)
    passfile.write_text(
        "*:*:*:wicketgate_owner:a long secret\n*:*:*:wicketgate:another long secret\n",
    )
    for statement in filter(str.strip, roles.split(";")):
        postgresql.query(statement)
    owner, gateway = (
        postgresql.url("wicketgate", f"passfile={passfile}", role=role)
        for role in ("wicketgate_owner", "wicketgate")
    )
    upgrade(owner)
    postgresql.query("SET ROLE wicketgate_owner;" + rights, database="wicketgate")
    with opened(gateway) as database:
        require_current_schema(database)
        use_everything(database, pepper, argon2)
        for forbidden in ("UPDATE changes SET version = 0", "DELETE FROM audit", "DROP TABLE names"):
            with database.write() as connection, pytest.raises(Exception, match=r"denied|must be owner"):
                connection.exec_driver_sql(forbidden)
    upgrade(owner)
    postgresql.drop_database("wicketgate")


def use_everything(database, pepper, argon2):
    fritz = users.add(database, FRITZ, actor="test")
    made, _ = app_passwords.create(
        database, pepper, argon2, fritz.id, "phone", ["imap"], limit=40, actor="test"
    )
    app_passwords.replace_hash(database, made.id, made.hash, made.hash)
    LastUsed(database).flush()
    app_passwords.delete_all(database, fritz.id, actor="test")
    app_passwords.forget_tombstones(database, older_than=fritz.created_at)
    assert users.account(database, FRITZ).position == 3
    users.delete(database, FRITZ, actor="test")
    assert len(audit.entries(database)) == len(changes.since(database, 0)) == 4
