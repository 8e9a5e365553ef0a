"""`wicketgate demo` as a newcomer runs it."""

import imaplib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.demo.running import OFFSETS, WICKETGATE, Demo, imap, ldap, pop3, sieve, smtp
from tests.servers.ports import free_base


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


def test_its_users_are_in_all_three_states(demo):
    told = demo.described()
    assert [(user["login"], user["mfa"]) for user in told["users"]] == [
        ("dora@example.test", "disabled"),
        ("enno@example.test", "enabled"),
        ("fritz@example.test", "enforced"),
    ]
    assert told["base_dn"] == "dc=example,dc=test"
    ports = {name: demo.port_base + offset for name, offset in OFFSETS.items()}
    assert told["portal_url"] == f"https://localhost:{ports.pop('portal')}/security"
    assert told["ports"] == ports
    assert [bool(user["totp_secret"]) for user in told["users"]] == [False, False, True]


def test_everybody_reads_mail_with_the_app_password(demo):
    for user in demo.described()["users"]:
        with imap(demo) as client:
            client.login(user["login"], user["app_passwords"][0]["secret"])
            status, count = client.select()
            assert (status, int(count[0]) > 0) == ("OK", True)
            assert b"Subject:" in client.fetch("1", "(RFC822)")[1][0][1]


@pytest.mark.parametrize("number", [0, 1])
def test_the_main_password_opens_where_mfa_is_not_enforced(demo, number):
    user = demo.described()["users"][number]
    with imap(demo) as client:
        assert client.login(user["login"], user["main_password"])[0] == "OK"


def test_the_command_line_works_on_it_and_cuts_a_client(demo):
    user = demo.described()["users"][0]
    with imap(demo) as client:
        client.login(user["login"], user["app_passwords"][0]["secret"])
        assert demo.run("kick", user["login"]) == f"Cut 1 session of {user['login']}.\n"
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            client.noop()


def test_it_ends_by_itself_and_leaves_nothing_behind(tmp_path):
    with Demo(tmp_path, "--seconds", "0.5") as demo:
        folder = Path(demo.described()["config_file"]).parent
        code, output, errors = demo.ended()
    assert (code, errors) == (0, "")
    assert "curl --cacert" in output
    assert all(name in output for name in ("imaps://", "smtps://", "pop3s://", "-starttls sieve", "ldaps://"))
    assert not folder.exists()


def test_ctrl_c_ends_it_without_a_traceback_whoever_is_logged_in(tmp_path):
    with Demo(tmp_path) as demo, imap(demo) as reader, pop3(demo) as fetcher, smtp(demo) as sender:
        login, _, secret = demo.user(2)
        reader.login(login, secret)
        fetcher.user(login)
        fetcher.pass_(secret)
        sender.login(login, secret)
        with sieve(demo) as writer, ldap(demo) as address_book:
            assert writer.log_in(login, secret).startswith(b"OK")
            assert address_book.bind(login, secret) == (0, "")
            assert address_book.who_am_i()
            demo.process.send_signal(signal.SIGINT)
            code, _, errors = demo.ended()
    assert (code, errors) == (0, "")


@pytest.mark.parametrize("name", ["imaps", "portal"])
def test_a_taken_port_is_told_in_one_sentence(name):
    base = free_base(OFFSETS.values())
    port = base + OFFSETS[name]
    with socket.create_server(("127.0.0.1", port)):
        done = subprocess.run([WICKETGATE, "demo", "--port-base", str(base)], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "--port-base" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_ctrl_c_ends_it_while_it_is_still_being_loaded(tmp_path):
    """An exception could come up where Python or a library swallows it, and the demo would go on."""
    # It tells each import on standard error; this one is amid those of the demo alone.
    base = free_base(OFFSETS.values())
    command = [sys.executable, "-X", "importtime", WICKETGATE, "demo", "--port-base", str(base)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environment, **pipes) as process:
        assert any("twisted.internet" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (-signal.SIGINT, "")
    assert all(line.startswith("import time:") for line in errors.splitlines())
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_without_talk_of_ports_and_leaves_nothing_behind(tmp_path):
    (tmp_path / "demo.json.new").symlink_to("/dev/full")
    with Demo(tmp_path) as demo:
        code, _, errors = demo.ended()
    assert (code, "No space left on device" in errors, "--port-base" in errors) == (1, True, False), errors
    assert len(errors.splitlines()) == 1
    assert not list(tmp_path.iterdir())
