"""What breaks under a command is told in one sentence: a damaged store, missing permissions, a full disk."""

import os
import sqlite3
import subprocess

import pytest

from tests.cli.privileges import without_override
from tests.servers.gateway import WICKETGATE

FRITZ = "fritz@example.test"
COMMANDS = [
    ("user", "list"),
    ("user", "show", FRITZ),
    ("user", "add", "new@example.test"),
    ("user", "block", FRITZ),
    ("user", "delete", FRITZ, "--yes"),
    ("app-password", "list", FRITZ),
    ("app-password", "create", FRITZ, "--name", "x"),
    ("app-password", "delete-all", FRITZ),
    ("explain", FRITZ, "--protocol", "imap"),
    ("db", "status"),
]
EXPLAIN = ("explain", FRITZ, "--protocol", "imap")
every_command = pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:2]))


@every_command
@pytest.mark.parametrize("garbage", [b"x" * 100, os.urandom(20_000), b"SQLite format 3\0" + bytes(200)])
def test_a_file_that_is_no_database(shell, words, garbage):
    shell.database.write_bytes(garbage)
    sentence = shell.refused(*words)
    assert sentence.startswith("The store can't be used: ")
    assert sentence.endswith("restore a backup.")


@every_command
def test_a_database_with_other_tables(shell, words):
    shell.database.unlink()
    with sqlite3.connect(shell.database) as connection:
        connection.execute("CREATE TABLE users (x)")
    connection.close()
    assert shell.refused(*words).endswith(("`wicketgate db upgrade`.", "Run: wicketgate db upgrade"))


@every_command
def test_a_damaged_database(shell, words):
    shell.add(FRITZ)
    shell.give(FRITZ)
    with open(shell.database, "r+b") as file:
        file.seek(4096)
        file.write(os.urandom(shell.database.stat().st_size - 4096))
    said = shell.run(*words)
    assert said.code == 1
    assert said.err.startswith("wicketgate: The store can't be used: ")
    assert said.err.count("\n") == 1


VALUES = {
    "users": ["grace_until", "blocked", "version", "created_at", "backend_login", "dn"],
    "names": ["name", "rank"],
    "app_passwords": [
        *["name", "scopes", "networks", "tag", "hash", "created_at", "expires_at", "deleted_at"],
        *["last_used_at", "last_used_protocol", "last_used_address", "last_used_client"],
    ],
}


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table in VALUES for column in VALUES[table]]
)
def test_no_value_in_the_store_makes_a_command_fall_over(shell, table, column):
    shell.add(FRITZ)
    shell.give(FRITZ)
    for value in ("garbage", 12345, b"\xff\0\x80", "", -1.5):
        with sqlite3.connect(shell.database) as connection:
            connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
        connection.close()
        for words in (("user", "list"), ("user", "show", FRITZ), ("app-password", "list", FRITZ), EXPLAIN):
            said = shell.run(*words)
            assert said.code in (0, 1), (value, said)
            assert said.err == "" or said.err.startswith("wicketgate: "), (value, said)


def in_the_shell(line):
    """Exit code and standard error of a line of sh, for which permissions hold even when we are root."""
    words = [*without_override(), "sh", "-c", line, "sh", WICKETGATE]
    done = subprocess.run(words, capture_output=True, text=True, timeout=30)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stderr


UNOPENED = (
    "wicketgate: The store can't be used: unable to open database file. "
    "Check store.url and the permissions, or run `wicketgate db upgrade` to create it.\n"
)
READ_ONLY = (
    "wicketgate: The store can't be used: attempt to write a readonly database. "
    "Let the user that runs Wicketgate write the file and its directory.\n"
)


@pytest.mark.parametrize(
    ("name", "mode", "command", "sentence"),
    [
        ("wicketgate.db", 0, "user list", UNOPENED),
        ("wicketgate.db", 0o400, f"user block {FRITZ}", READ_ONLY),
        (".", 0o500, "user list", READ_ONLY),
        (
            "pepper",
            0,
            f"app-password create {FRITZ} --name x",
            "wicketgate: The pepper file {folder}/pepper can't be read: Permission denied. "
            "Check store.pepper_file and its permissions; the first `wicketgate db upgrade` creates it.\n",
        ),
    ],
    ids=["store unreadable", "store read-only", "folder read-only", "pepper unreadable"],
)
def test_missing_permissions(shell, name, mode, command, sentence):
    shell.add(FRITZ)
    (shell.folder / name).chmod(mode)
    try:
        said = in_the_shell(f'"$1" {command}')
    finally:
        shell.folder.chmod(0o700)
    assert said == (1, sentence.format(folder=shell.folder))


def test_nothing_is_made_in_a_folder_that_may_not_be_written(bare):
    bare.folder.chmod(0o500)
    try:
        code, said = in_the_shell('"$1" db upgrade')
    finally:
        bare.folder.chmod(0o700)
    assert code == 1
    assert said == (
        f"wicketgate: The pepper file {bare.folder}/pepper can't be written: Permission denied. "
        "Check store.pepper_file, the directory and its permissions, then try again.\n"
    )


def test_a_reader_that_has_enough_is_no_error_to_talk_about(shell):
    shell.add(FRITZ)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [WICKETGATE, "user", "list"], stdout=writing, stderr=subprocess.PIPE, timeout=20
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_a_full_disk_behind_the_output(shell):
    assert in_the_shell('"$1" user list > /dev/full') == (
        1,
        "wicketgate: No space left on device. The command broke off; try again.\n",
    )


def test_a_closed_output(shell):
    assert in_the_shell('"$1" user list >&-') == (0, "")
    assert in_the_shell('"$1" user show nobody@example.test 2>&-') == (1, "")
