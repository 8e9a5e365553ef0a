"""A SQLite file: what keeps it from deciding is StoreUnavailable, in words that say what to do."""

import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys

import pytest
from sqlalchemy import create_engine

from store import users
from store.database import Database, StoreUnavailable
from store.portal.schema import metadata  # with the portal's tables
from store.upgrade import status, upgrade

pytestmark = pytest.mark.parametrize("store", ["sqlite"], indirect=True)

FILL_THE_DISK = """
import resource, sys
from store import changes, users
from store.database import Database, StoreUnavailable

database = Database(sys.argv[1])
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
added = 0
try:
    while added < 10_000:
        users.add(database, f"user{added}@example.test", actor="test")
        added += 1
except StoreUnavailable as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
assert len(users.list_users(database)) == len(changes.since(database, 0)) == added, added
assert users.add(database, "again@example.test", actor="test")
print("recovered")
"""


@pytest.fixture
def path(store):
    return store.path


def test_a_full_disk_is_unavailable_loses_nothing_and_recovers(database, url):
    command = [sys.executable, "-c", FILL_THE_DISK, url]
    told, last = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert told.startswith("The store can't be used: ")
    assert last == "recovered"


def test_a_missing_file_is_unavailable_and_is_not_created(url, path):
    with pytest.raises(StoreUnavailable, match="wicketgate db upgrade"):
        users.find(Database(url), "fritz")
    assert not path.exists()


def test_a_store_without_tables_is_unavailable(url, path):
    path.touch()
    with pytest.raises(StoreUnavailable, match="Run `wicketgate db upgrade`"):
        users.find(Database(url), "fritz")


def test_a_damaged_file_is_unavailable(url, path):
    path.write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreUnavailable, match="restore a backup"):
        users.find(Database(url), "fritz")


@pytest.mark.parametrize(
    "damage", ["UPDATE app_passwords SET networks = 'x'", "UPDATE users SET created_at = 'yesterday'"]
)
def test_a_row_that_cannot_be_read_is_unavailable(database, path, fritz, damage):
    with sqlite3.connect(path) as connection:
        connection.execute(
            "INSERT INTO app_passwords (id, user_id, name, scopes, networks, tag, hash, created_at)"
            " VALUES ('x', ?, 'x', 'imap', '', 1, 'x', '2026-01-01 00:00:00.000000')",
            (fritz.id,),
        )
        connection.execute(damage)
    connection.close()
    with pytest.raises(StoreUnavailable, match="can't be read"):
        users.account(database, fritz.login)


def test_a_restored_file_replaces_the_open_one(database, path, fritz):
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    shutil.copy(path, path.with_suffix(".backup"))
    history = users.account(database, fritz.login).history
    users.delete(database, fritz.login, actor="test")
    for name in (path, f"{path}-wal", f"{path}-shm"):
        os.unlink(name)
    with pytest.raises(StoreUnavailable):
        users.find(database, fritz.login)
    os.rename(path.with_suffix(".backup"), path)
    assert users.find(database, fritz.login) == fritz
    assert users.account(database, fritz.login).history != history


def test_the_files_are_for_their_owner_only_whatever_the_umask(url, path):
    before = os.umask(0)
    try:
        upgrade(url)
        database = Database(url)
        users.add(database, "fritz@example.test", actor="test")
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
        database.close()
    finally:
        os.umask(before)
    assert modes == {0o600}


def test_commits_are_durable_and_logged_ahead(database):
    with database.read() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one()
            for pragma in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


def test_status_of_a_store_that_is_not_there_creates_nothing(url, path):
    assert status(url).current is None
    assert not path.exists()


def test_a_directory_that_is_not_there_is_told(store, tmp_path):
    with pytest.raises(StoreUnavailable, match="No such file or directory"):
        upgrade(f"sqlite:///{tmp_path}/nowhere/wicketgate.db")


def test_a_path_with_percent_signs_and_spaces_is_just_a_path(store, tmp_path):
    upgrade(f"sqlite:///{tmp_path}/50%25 # ä.db")
    assert (tmp_path / "50% # ä.db").exists()


def tables(path):
    """What SQLite was told to create: the parts of each table, in any order. Who is renamed gets quotes."""
    with sqlite3.connect(path) as connection:
        rows = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
        ).fetchall()
    connection.close()
    parts = (re.split(r",\s+(?![^()]*\))|\n", sql.replace('"', "")) for (sql,) in rows)
    return sorted(sorted(part.strip(" \t,") for part in some) for some in parts)


def test_migrations_and_schema_agree_in_checks_and_autoincrement_too(database, path, tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'direct.db'}")
    metadata.create_all(engine)
    engine.dispose()
    assert tables(path) == tables(tmp_path / "direct.db")
