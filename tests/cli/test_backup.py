"""`wicketgate backup`: what it wrote can take the store's place."""

import os
import stat
import subprocess
import threading

import pytest

from store import users
from store.database import Database
from store.upgrade import upgrade
from tests.servers.postgresql import PostgreSql
from tests.servers.unpacked import unpacked

FRITZ = "fritz@example.test"
CLIENTS = unpacked("postgresql-client-15") / "usr/lib/postgresql/15/bin"


def logins(url: str) -> list[str]:
    database = Database(url)
    try:
        return [user.login for user in users.list_users(database)]
    finally:
        database.close()


def test_a_backup_is_a_store_of_its_owner_alone(shell):
    shell.add(FRITZ)
    file = shell.folder / "backup.db"
    said = shell("backup", str(file)).out
    assert f"The pepper, {shell.folder}/pepper, is not in it" in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shell("user", "delete", FRITZ, "--yes")
    os.replace(file, shell.database)
    assert [user["login"] for user in shell("user", "list", "--json").json] == [FRITZ]
    assert sorted(one.name for one in shell.folder.iterdir() if one.name.startswith(".wicketgate")) == []


def test_a_backup_while_others_write_is_one_moment(shell):
    """Users are added two by two: a backup has both or none."""
    stop = threading.Event()

    def write() -> None:
        database = Database(f"sqlite:///{shell.database}")
        number = 0
        while not stop.is_set():
            users.add(database, f"a{number}@example.test", (f"b{number}@example.test",), actor="test")
            number += 1
        database.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        files = [shell.folder / f"backup-{number}.db" for number in range(3)]
        for file in files:
            shell("backup", str(file))
    finally:
        stop.set()
        writer.join()
    for file in files:
        database = Database(f"sqlite:///{file}")
        assert all(len(user.aliases) == 1 for user in users.list_users(database))
        database.close()


def test_what_is_there_is_never_overwritten(shell):
    file = shell.folder / "backup.db"
    file.write_text("precious")
    assert (
        shell.refused("backup", str(file))
        == f"{file} is there already and is left as it is. Name a new file."
    )
    assert file.read_text() == "precious"


def test_a_folder_that_is_missing_is_told(shell):
    told = shell.refused("backup", str(shell.folder / "nowhere" / "backup.db"))
    assert "can't be written: No such file or directory" in told


@pytest.fixture
def on_postgresql(bare, postgresql: PostgreSql, monkeypatch):
    name = postgresql.new_database()
    monkeypatch.setenv("WICKETGATE__STORE__URL", postgresql.url(name))
    bare("db", "upgrade")
    yield bare
    postgresql.drop_database(name)


def test_postgresql_by_its_own_tool(on_postgresql, postgresql, monkeypatch):
    monkeypatch.setenv("PATH", f"{CLIENTS}:{os.environ['PATH']}")
    on_postgresql.add(FRITZ)
    file = on_postgresql.folder / "backup.dump"
    on_postgresql("backup", str(file))
    name = postgresql.new_database()
    url = postgresql.url(name)
    subprocess.run([CLIENTS / "pg_restore", "--no-owner", f"--dbname={url}", file], check=True)
    assert logins(url) == [FRITZ]
    postgresql.drop_database(name)


def test_postgresql_without_its_tool(on_postgresql, monkeypatch):
    monkeypatch.setenv("PATH", str(on_postgresql.folder))
    file = on_postgresql.folder / "backup.dump"
    assert "Install Debian's postgresql-client" in on_postgresql.refused("backup", str(file))
    assert not file.exists()


def test_a_store_that_is_up_to_date_is_needed(bare):
    upgrade(f"sqlite:///{bare.folder}/other.db")
    assert "db upgrade" in bare.refused("backup", str(bare.folder / "backup.db"))
