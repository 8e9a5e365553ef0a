"""`wicketgate demo` as a newcomer runs it."""

import imaplib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

WICKETGATE = Path(sys.executable).parent / "wicketgate"


class Demo:
    """The demo as a child, and what it wrote about itself."""

    def __init__(self, folder, *arguments):
        self.describe = folder / "demo.json"
        self.port_base = free_port_base()
        command = [
            WICKETGATE,
            "demo",
            "--port-base",
            str(self.port_base),
            "--describe",
            self.describe,
            *arguments,
        ]
        environment = {**os.environ, "TMPDIR": str(folder)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(command, text=True, env=environment, **pipes)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def described(self, seconds=30):
        end = time.monotonic() + seconds
        while not self.describe.exists():
            assert time.monotonic() < end
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.05)
        return json.loads(self.describe.read_text())

    def ended(self, seconds=30):
        output, errors = self.process.communicate(timeout=seconds)
        return self.process.returncode, output, errors


def free_port_base():
    """A base above which the demo's ports are free."""
    for base in range(21000, 60000, 1013):
        try:
            for offset in (143, 993):
                socket.create_server(("127.0.0.1", base + offset)).close()
        except OSError:
            continue
        return base
    raise AssertionError("no free ports")


@contextmanager
def connected(demo):
    """An IMAP client in TLS."""
    told = demo.described()
    trust = ssl.create_default_context(cafile=told["ca_file"])
    client = imaplib.IMAP4_SSL(told["host"], told["ports"]["imaps"], ssl_context=trust)
    try:
        yield client
    finally:
        with suppress(OSError):
            client.shutdown()


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
    assert set(told["ports"]) == {"imap", "imaps"}


def test_everybody_reads_mail_with_the_app_password(demo):
    for user in demo.described()["users"]:
        with connected(demo) as client:
            client.login(user["login"], user["app_passwords"][0]["secret"])
            status, count = client.select()
            assert (status, int(count[0]) > 0) == ("OK", True)
            assert b"Subject:" in client.fetch("1", "(RFC822)")[1][0][1]


@pytest.mark.parametrize("number", [0, 1])
def test_the_main_password_opens_where_mfa_is_not_enforced(demo, number):
    user = demo.described()["users"][number]
    with connected(demo) as client:
        assert client.login(user["login"], user["main_password"])[0] == "OK"


def test_the_main_password_is_refused_where_mfa_is_enforced(demo):
    user = demo.described()["users"][2]
    with connected(demo) as client, pytest.raises(imaplib.IMAP4.error, match="use an app password"):
        client.login(user["login"], user["main_password"])


def test_the_command_line_works_on_it_and_cuts_a_client(demo):
    told = demo.described()
    user = told["users"][0]
    with connected(demo) as client:
        client.login(user["login"], user["app_passwords"][0]["secret"])
        command = [WICKETGATE, "kick", "-c", told["config_file"], user["login"]]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.stdout, done.stderr) == (f"Cut 1 session of {user['login']}.\n", "")
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            client.noop()


def test_it_ends_by_itself_and_leaves_nothing_behind(tmp_path):
    with Demo(tmp_path, "--seconds", "0.5") as demo:
        folder = Path(demo.described()["config_file"]).parent
        code, output, errors = demo.ended()
    assert (code, errors) == (0, "")
    assert "curl --cacert" in output
    assert not folder.exists()


def test_ctrl_c_ends_it_without_a_traceback(tmp_path):
    with Demo(tmp_path) as demo:
        demo.described()
        demo.process.send_signal(signal.SIGINT)
        code, _, errors = demo.ended()
    assert (code, errors) == (0, "")


def test_a_taken_port_is_told_in_one_sentence(tmp_path):
    base = free_port_base()
    with socket.create_server(("127.0.0.1", base + 993)):
        done = subprocess.run([WICKETGATE, "demo", "--port-base", str(base)], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{base + 993}" in done.stderr
    assert "--port-base" in done.stderr
    assert len(done.stderr.splitlines()) == 1
