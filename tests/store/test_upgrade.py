"""The migrations lead to the tables of store/schema.py, from nothing, once and as one step."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import column, table

from store import app_passwords, lookalikes, users
from store.database import Database, StoreUnavailable
from store.lookalikes import Claim
from store.portal import failures, notices, tokens
from store.portal.notices import Channel
from store.portal.schema import metadata
from store.schema_version import MIGRATIONS
from store.upgrade import SchemaStatus, require_current_schema, status, upgrade
from tests.store.stores import SqliteStore


def test_migrations_and_schema_agree(database):
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_new_store_is_upgraded_once_and_keeps_what_it_holds(url, database, fritz):
    newest = status(url).newest
    assert status(url) == SchemaStatus(newest, newest)
    upgrade(url)
    require_current_schema(database)


def upgrade_to(url, revision):
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.upgrade() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return database


def insert(connection, into, **values):
    columns = [column(key) for key in values]
    connection.execute(table(into, *columns).insert().values(values))


def test_users_from_before_the_directory_keep_all_and_are_found_by_their_dns(url):
    given = {1: "UID=Fritz, DC=Test", 2: None, 3: "dora", 4: "uid=enno,dc=test", 5: "uid=Enno,dc=test"}
    at = datetime(2026, 1, 1, tzinfo=UTC)
    database = upgrade_to(url, "0001")
    with database.write() as connection:
        for number, dn in given.items():
            insert(
                connection, "users", id=number, mfa="enabled", blocked=False, dn=dn, version=1, created_at=at
            )
            insert(connection, "names", name=f"user{number}", user_id=number, rank=0)
        app_password = {"id": "x", "user_id": 1, "name": "x", "scopes": "imap", "networks": "", "tag": 1}
        insert(connection, "app_passwords", **app_password, hash="x", created_at=at)
    database.close()
    upgrade(url)
    database = Database(url)
    assert [(user.dn, user.disabled, user.directory_id) for user in users.list_users(database)] == [
        (dn, False, None) for dn in given.values()
    ]
    assert [one.id for one in app_passwords.list_app_passwords(database, 1)] == ["x"]
    assert users.account_by_dn(database, "uid=fritz,dc=test").user.login == "user1"
    # Two users have this one. Who of them is meant, nobody can say.
    assert users.account_by_dn(database, "uid=enno,dc=test") is None
    database.close()


def test_what_waits_to_be_told_is_kept(url):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    database = upgrade_to(url, "0004")
    with database.write() as connection:
        insert(connection, "notice_state", id=1, audit_id=1, used_at=at, since=at)
        told = {"login": "fritz@example.test", "event": "blocked", "actor": "test", "detail": "", "tries": 0}
        insert(connection, "notices", id=7, channel="mail", **told, at=at, next_at=at)
    database.close()
    upgrade(url)
    database = Database(url)
    [waiting] = notices.claim(database, Channel.MAIL)
    assert (waiting.id, waiting.event, waiting.queued_at) == (7, "blocked", at)
    database.close()


def test_names_from_before_are_found_by_other_spellings(url):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    database = upgrade_to(url, "0005")
    with database.write() as connection:
        for number in range(1, 4):
            user = {"id": number, "mfa": "enforced", "blocked": False, "disabled": False}
            insert(connection, "users", **user, version=1, created_at=at)
            insert(connection, "names", name=f"us.er{number}@example.test", user_id=number, rank=0)
            insert(connection, "names", name=f"ali\u00e1s{number}", user_id=number, rank=1)
        app_password = {"id": "x", "user_id": 1, "name": "x", "scopes": "imap", "networks": "", "tag": 1}
        insert(connection, "app_passwords", **app_password, hash="x", created_at=at)
    database.close()
    upgrade(url)
    database = Database(url)
    assert lookalikes.owners(database, [Claim("user2+x@example.test")]) == {2}
    assert lookalikes.owners(database, [Claim("alias3@example.test")]) == {3}
    assert users.find(database, "us.er1@example.test").aliases == ("ali\u00e1s1",)
    assert [one.id for one in app_passwords.list_app_passwords(database, 1)] == ["x"]
    users.delete(database, "us.er1@example.test", actor="test")
    assert lookalikes.owners(database, [Claim("user1@example.test")]) == set()
    database.close()


def test_wrong_codes_of_before_are_forgotten_and_tokens_of_before_are_kept(url):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    token = tokens.PREFIX + "x" * 43
    database = upgrade_to(url, "0005")
    with database.write() as connection:
        insert(connection, "users", id=1, mfa="enforced", blocked=False, version=1, created_at=at)
        insert(connection, "names", name="fritz", user_id=1, rank=0)
        insert(connection, "second_step_failures", user_id=1, count=10, since=at)
        digest = sha256(token.encode()).digest()
        named = {"name": "page", "role": "self-service", "domains": ""}
        insert(connection, "api_tokens", digest=digest, created_at=at, **named)
    database.close()
    upgrade(url)
    with closing(Database(url)) as database:
        assert failures.streaks(database, 1) == []
        assert failures.take_a_try(database, 1, failures.Kind.APP) is None
        kept = tokens.find(database, token)
        assert (kept.name, kept.made_by) == ("page", None)


def test_a_store_without_tables_says_what_to_run(url, store):
    if isinstance(store, SqliteStore):
        store.path.touch()
    with (
        closing(Database(url)) as database,
        pytest.raises(StoreUnavailable, match="Run `wicketgate db upgrade`"),
    ):
        require_current_schema(database)
    assert status(url).current is None


def test_a_store_with_another_schema_says_what_to_run(url, database):
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StoreUnavailable, match=r"schema is 0000.* Run `wicketgate db upgrade`"):
        require_current_schema(database)
    with pytest.raises(StoreUnavailable, match="newer version"):
        upgrade(url)


def test_four_upgrades_at_once_all_end_well(url):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(upgrade, [url] * 4))
    assert status(url).current == status(url).newest
