"""`wicketgate db`: from nothing to the newest tables, and what is in the way."""

import sqlite3
import stat

from store.schema_version import newest
from tests.cli.conftest import Shell
from tests.servers.ports import free_ports

NEWEST = newest()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_upgrade_makes_the_pepper_and_the_store_for_their_owner_alone(bare):
    said = bare("db", "upgrade")
    assert said.out == (
        f"Made a new pepper: {bare.folder}/pepper\n"
        "Keep a copy in a safe place, apart from the database: without it no app password works.\n"
        f"The store is up to date: {NEWEST}\n"
    )
    assert (mode(bare.folder / "pepper"), mode(bare.database)) == (0o600, 0o600)


def test_a_second_upgrade_changes_nothing(shell):
    pepper = (shell.folder / "pepper").read_bytes()
    login = shell.add("fritz@example.test")
    assert shell("db", "upgrade").out == f"The store is up to date: {NEWEST}\n"
    assert (shell.folder / "pepper").read_bytes() == pepper
    assert [user["login"] for user in shell("user", "list", "--json").json] == [login]


def test_status_of_a_store_that_is_up_to_date(shell):
    assert shell("db", "status").out == f"The store is up to date: {NEWEST}\n"
    assert shell("db", "status", "--json").json == {"current": NEWEST, "newest": NEWEST, "up_to_date": True}


def test_status_of_a_store_that_is_not_there(bare):
    sentence = f"the store has no tables, this version needs {NEWEST}. Run: wicketgate db upgrade"
    assert bare.refused("db", "status") == sentence
    said = bare("db", "status", "--json", code=1)
    assert said.json == {"current": None, "newest": NEWEST, "up_to_date": False}


def test_a_store_in_use_never_gets_another_pepper(shell):
    (shell.folder / "pepper").unlink()
    assert shell.refused("db", "upgrade") == (
        f"the store is in use, but its pepper is missing: {shell.folder}/pepper. "
        "Put the file back from your backup; without it no app password works."
    )
    assert not (shell.folder / "pepper").exists()


def with_schema(shell: Shell, revision: str) -> None:
    with sqlite3.connect(shell.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()


def test_a_store_with_another_schema_is_not_touched_by_any_command(shell):
    with_schema(shell, "0000")
    for words in (("user", "list"), ("user", "add", "x@example.test"), ("app-password", "list", "x@y.test")):
        assert shell.refused(*words) == (
            f"The store's schema is 0000, and this version of Wicketgate needs {NEWEST}. "
            "Run `wicketgate db upgrade`."
        )
    assert shell.refused("db", "status") == (
        f"the store has 0000, this version needs {NEWEST}. Run: wicketgate db upgrade"
    )


def test_a_store_of_a_newer_version_is_left_alone(shell):
    with_schema(shell, "9999")
    assert shell.refused("db", "upgrade") == (
        "The store was made by a newer version of Wicketgate. Install that version, or restore a backup."
    )


def test_commands_without_a_store_say_how_to_make_one(bare):
    for words in (("user", "list"), ("explain", "x@example.test", "--protocol", "imap")):
        assert bare.refused(*words) == (
            "The store can't be used: unable to open database file. "
            "Check store.url and the permissions, or run `wicketgate db upgrade` to create it."
        )


def test_an_empty_file_is_a_store_without_tables(shell):
    shell.database.write_bytes(b"")
    assert shell.refused("user", "list") == "The store has no tables. Run `wicketgate db upgrade`."


def test_a_store_whose_folder_is_missing_can_not_be_created(bare):
    (bare.folder / "pepper").write_text("00" * 32)
    bare.config.write_text(bare.config.read_text().replace("/wicketgate.db", "/missing/wicketgate.db"))
    assert bare.refused("db", "upgrade") == (
        f"The store's file {bare.folder}/missing/wicketgate.db can't be created: No such file or directory. "
        "Check store.url, the directory and its permissions."
    )


def test_a_store_on_a_server_from_nothing_to_users(bare, postgresql, monkeypatch):
    monkeypatch.setenv("WICKETGATE__STORE__URL", postgresql.url(postgresql.new_database()))
    sentence = f"the store has no tables, this version needs {NEWEST}. Run: wicketgate db upgrade"
    assert bare.refused("db", "status") == sentence
    assert bare.refused("user", "list") == "The store has no tables. Run `wicketgate db upgrade`."
    assert bare("db", "upgrade").out.endswith(f"The store is up to date: {NEWEST}\n")
    assert bare("db", "upgrade").out == f"The store is up to date: {NEWEST}\n"
    assert bare("db", "status").out == f"The store is up to date: {NEWEST}\n"
    bare.give(bare.add("fritz@example.test"))
    (bare.folder / "pepper").unlink()
    assert "its pepper is missing" in bare.refused("db", "upgrade")
    assert not bare.database.exists()


def test_a_server_that_is_not_there_is_told_in_one_sentence(bare, monkeypatch):
    [port] = free_ports(1)
    monkeypatch.setenv("WICKETGATE__STORE__URL", f"postgresql://127.0.0.1:{port}/wicketgate")
    (bare.folder / "pepper").write_text("00" * 32)
    said = bare.refused("db", "upgrade")
    assert said.startswith("The store can't be used: connection failed: ")
    assert said.endswith("Check that the server runs, and the hosts and ports in store.url.")
    assert "\n" not in said
