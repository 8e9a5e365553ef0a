"""The migrations lead to the tables of store/schema.py, from nothing, once and as one step."""

import re
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from store import app_passwords, users
from store.database import Database, StoreUnavailable
from store.schema import metadata
from store.schema_version import MIGRATIONS
from store.upgrade import SchemaStatus, require_current_schema, status, upgrade


def tables(path):
    """What SQLite was told to create: the parts of each table, in any order."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
        ).fetchall()
    connection.close()
    parts = (re.split(r",\s+(?![^()]*\))|\n", sql) for (sql,) in rows)
    return sorted(sorted(part.strip(" \t,") for part in some) for some in parts)


def test_migrations_and_schema_agree(database):
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrations_and_schema_agree_in_checks_and_autoincrement_too(database, path, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(engine)
    engine.dispose()
    assert tables(path) == tables(tmp_path / "direct.db")


def test_a_new_store_is_upgraded_once_and_keeps_what_it_holds(url, database, fritz):
    newest = status(url).newest
    assert status(url) == SchemaStatus(newest, newest)
    upgrade(url)
    require_current_schema(database)


def upgrade_to_the_first(url, path):
    path.touch()
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    database.close()


def test_users_from_before_the_directory_keep_all_and_are_found_by_their_dns(url, path):
    upgrade_to_the_first(url, path)
    given = {1: "UID=Fritz, DC=Test", 2: None, 3: "dora", 4: "uid=enno,dc=test", 5: "uid=Enno,dc=test"}
    with sqlite3.connect(path) as connection:
        for number, dn in given.items():
            connection.execute(
                "INSERT INTO users (id, mfa, blocked, dn, version, created_at)"
                " VALUES (?, 'enabled', 0, ?, 1, '2026-01-01 00:00:00.000000')",
                (number, dn),
            )
            connection.execute("INSERT INTO names VALUES (?, ?, 0)", (f"user{number}", number))
        connection.execute(
            "INSERT INTO app_passwords (id, user_id, name, scopes, networks, tag, hash, created_at)"
            " VALUES ('x', 1, 'x', 'imap', '', 1, 'x', '2026-01-01 00:00:00.000000')"
        )
    connection.close()
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


def test_status_of_a_store_that_is_not_there_creates_nothing(url, path):
    assert status(url).current is None
    assert not path.exists()


def test_a_store_without_tables_says_what_to_run(url, path):
    path.touch()
    with pytest.raises(StoreUnavailable, match="Run `wicketgate db upgrade`"):
        require_current_schema(Database(url))


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


def test_a_directory_that_is_not_there_is_told(tmp_path):
    with pytest.raises(StoreUnavailable, match="No such file or directory"):
        upgrade(f"sqlite:///{tmp_path}/nowhere/wicketgate.db")


def test_a_path_with_percent_signs_and_spaces_is_just_a_path(tmp_path):
    upgrade(f"sqlite:///{tmp_path}/50%25 # ä.db")
    assert (tmp_path / "50% # ä.db").exists()
