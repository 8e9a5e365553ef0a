"""A configuration that can't be used: every command says what is wrong in it, and ends with 78."""

import os
import subprocess

import pytest

from tests.cli.privileges import without_override
from tests.servers.gateway import WICKETGATE
from tests.servers.ports import free_ports

COMMANDS = [
    ("user", "list"),
    ("user", "add", "x@example.test"),
    ("user", "delete", "x@example.test", "--yes"),
    ("app-password", "list", "x@example.test"),
    ("app-password", "create", "x@example.test", "--name", "x"),
    ("explain", "x@example.test", "--protocol", "imap"),
    ("db", "upgrade"),
    ("db", "status"),
    ("sessions",),
    ("kick", "x@example.test"),
    ("status",),
    ("serve",),
    ("check-config",),
    ("config", "show"),
    ("config", "clients"),
]
every_command = pytest.mark.parametrize("words", COMMANDS, ids=" ".join)


@every_command
def test_all_errors_are_told_at_once(bare, words):
    bare.config.write_text("[policy]\nportal_ur = 'x'\nmax_app_passwords = 0\n[nonsense]\n")
    said = bare(*words, code=os.EX_CONFIG)
    lines = said.err.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [
        [f"{bare.config}:2", "policy.portal_ur"],
        [f"{bare.config}:3", "policy.max_app_passwords"],
        [f"{bare.config}:4", "nonsense"],
    ]
    assert 'Did you mean "portal_url"?' in lines[0]
    assert said.out == ""


@every_command
def test_a_file_that_is_not_there_is_named(bare, words):
    bare.config.unlink()
    said = bare(*words, code=os.EX_CONFIG)
    assert said.err.count("\n") == 1
    assert said.err.startswith(f"{bare.config}: ")


def test_the_option_wins_over_the_variable(bare):
    other = bare.folder / "other.toml"
    other.write_text("[nonsense]\n")
    assert str(other) in bare("user", "list", "-c", str(other), code=os.EX_CONFIG).err


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[policy\n", b"a = 1\na = 2\n", b"\0"])
def test_what_is_no_toml_is_told_with_its_line(bare, content):
    bare.config.write_bytes(content)
    said = bare("user", "list", code=os.EX_CONFIG)
    assert said.err.startswith(f"{bare.config}:")
    assert said.err.count("\n") == 1


def test_a_configuration_that_may_not_be_read_is_told(bare):
    bare.config.chmod(0)
    words = [*without_override(), WICKETGATE, "user", "list"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20)
    assert done.returncode == os.EX_CONFIG
    assert done.stderr.startswith(f"{bare.config}: ")
    assert "Permission denied" in done.stderr
    assert done.stderr.count("\n") == 1


SERVED = """
[[listener]]
protocol = "imap"
address = "127.0.0.1:{port}"
tls = "none"
[[backend]]
protocol = "imap"
address = "127.0.0.1:1"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""


def serve(shell):
    """A `wicketgate serve` of its own: its exit code and what it says."""
    [port] = free_ports(1)
    shell.configure(SERVED.replace("{port}", str(port)))
    (shell.folder / "secret").touch(0o600)
    (shell.folder / "secret").write_text("secret")
    done = subprocess.run([WICKETGATE, "serve", "--workers", "0"], capture_output=True, text=True, timeout=20)
    assert done.stdout == ""
    return done.returncode, done.stderr


def test_serve_needs_a_listener(shell):
    assert shell("serve", code=os.EX_CONFIG).err == (
        "wicketgate: no [[listener]] is configured. Add one; `wicketgate config example` shows how.\n"
    )


def test_serve_needs_a_store(bare):
    (bare.folder / "pepper").touch(0o600)
    (bare.folder / "pepper").write_text("00" * 32)
    code, said = serve(bare)
    assert (code, said) == (
        1,
        "wicketgate: The store can't be used: unable to open database file. "
        "Check store.url and the permissions, or run `wicketgate db upgrade` to create it.\n",
    )


def test_serve_needs_the_pepper(shell):
    (shell.folder / "pepper").unlink()
    code, said = serve(shell)
    assert code == 1
    assert said.startswith(f"wicketgate: The pepper file {shell.folder}/pepper can't be read: No such file")


def test_serve_never_takes_the_place_of_something_that_is_no_socket(shell):
    (shell.folder / "control.sock").write_text("precious")
    code, said = serve(shell)
    assert code == 1
    assert said.endswith(
        f"wicketgate: {shell.folder}/control.sock is not a socket and is left as it is. "
        "Set another control.socket.\n"
    )
    assert (shell.folder / "control.sock").read_text() == "precious"
