"""The migrations lead to the tables of store/schema.py, from nothing, once and as one step."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from store.database import Database, StoreUnavailable
from store.schema import metadata
from store.upgrade import SchemaStatus, require_current_schema, status, upgrade


def tables(path):
    """What SQLite was told to create: the lines of each table, in any order."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
        ).fetchall()
    connection.close()
    return sorted(sorted(line.strip(" \t,") for line in sql.splitlines()) for (sql,) in rows)


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
