"""Every command explains itself, and a wrong one is told apart from a refused one."""

import pytest

COMMANDS = [
    *["demo", "serve", "check-config", "explain", "sessions", "kick", "status"],
    *["config example", "config schema", "config show", "config clients", "db upgrade", "db status"],
    *["user add", "user list", "user show", "user set-mfa", "user block", "user unblock", "user delete"],
    *["user set-dn", "directory sync", "import", "backup", "audit", "doctor", "refused"],
    *["app-password create", "app-password list", "app-password delete", "app-password delete-all"],
]
LISTING = [
    *["user list", "user show", "app-password list", "config clients"],
    *["explain", "sessions", "status", "db status", "directory sync", "audit", "doctor", "refused"],
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_page_of_help(bare, command):
    said = bare(*command.split(), "--help").out
    assert said.startswith(f"Usage: wicketgate {command} ")
    assert ("--json" in said) >= (command in LISTING)


@pytest.mark.parametrize("group", ["", "user", "app-password", "db", "config", "directory"])
def test_a_group_lists_its_commands(bare, group):
    said = bare(*group.split(), "--help").out
    for command in COMMANDS:
        first, _, second = command.partition(" ")
        if first == group or not group:
            assert f"  {second if group else first} " in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("stop",), "No such command 'stop'."),
        (("user", "rename"), "No such command 'rename'."),
        (("user", "list", "--xml"), "No such option '--xml'."),
        (("user", "show"), "Missing argument 'LOGIN'."),
        (("user", "show", "a", "b"), "Got unexpected extra argument (b)"),
        (("app-password", "delete", "a"), "Missing argument 'ID'."),
        (("kick",), "Missing argument 'LOGIN'."),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else "",
)
def test_misuse_is_told(bare, words, sentence):
    assert bare.misused(*words) == sentence


def test_the_version_is_known(bare):
    assert bare("--version").out.startswith("wicketgate, version ")
