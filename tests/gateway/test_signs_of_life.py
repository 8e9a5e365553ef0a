"""What systemd is told (sd_notify(3)), and when its watchdog is left without a sign."""

import contextlib
import resource
import socket
from pathlib import Path

import pytest

from tests.gateway.people import People
from tests.servers.gateway import Gateway

_SETTINGS = """
[limits]
drain_seconds = 1
[[backend]]
protocol = "imap"
address = "127.0.0.1:1"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""
_EVERY = {"WATCHDOG_USEC": "1000000"}


class Systemd:
    """Hears what the gateway tells, message by message."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.bind("\0" + address[1:] if address.startswith("@") else address)

    def hear(self, begin: str, seconds: float = 30) -> list[str]:
        """The lines of the first message with such a line. Raises TimeoutError when none comes."""
        while True:
            self._sock.settimeout(seconds)
            lines = self._sock.recv(4096).decode().split("\n")
            if any(line.startswith(begin) for line in lines):
                return lines

    def forget(self) -> None:
        """What has come until now."""
        self._sock.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._sock.recv(4096)

    def close(self) -> None:
        self._sock.close()


@pytest.fixture
def systemd(tmp_path):
    made = Systemd(f"{tmp_path}/notify")
    yield made
    made.close()


@contextlib.contextmanager
def told(folder, authority, systemd, environment=None):
    """A gateway that serves, and tells how it fares."""
    environment = {"NOTIFY_SOCKET": systemd.address} | (environment or {})
    gateway = Gateway(folder, _SETTINGS, authority=authority, environment=environment)
    People(folder).close()
    gateway.start()
    try:
        yield gateway
    finally:
        assert gateway.stop() == 0


@contextlib.contextmanager
def unreadable(database):
    """Another file lies at its place, which is no database."""
    away = database.with_name("away")
    database.rename(away)
    database.write_bytes(b"no database")
    try:
        yield
    finally:
        away.replace(database)


def test_it_says_when_it_is_ready_how_many_are_in_and_when_it_stops(tmp_path, authority, systemd):
    with told(tmp_path, authority, systemd) as gateway:
        assert systemd.hear("READY=") == ["READY=1"]
        assert systemd.hear("STATUS=") == ["STATUS=0 sessions"]
        gateway.stop()
        stopping, extend = systemd.hear("STOPPING=")
        assert stopping == "STOPPING=1"
        # More than the second of the drain: what was remembered is written after it.
        assert int(extend.removeprefix("EXTEND_TIMEOUT_USEC=")) > 1_000_000


def test_an_abstract_address_is_told_too(tmp_path, authority):
    systemd = Systemd(f"@wicketgate-test-{tmp_path.name}")
    with contextlib.closing(systemd), told(tmp_path, authority, systemd):
        assert systemd.hear("READY=") == ["READY=1"]


def test_without_a_watchdog_no_signs_are_given(tmp_path, authority, systemd):
    another = _EVERY | {"WATCHDOG_PID": "1"}
    with told(tmp_path, authority, systemd, another):
        systemd.hear("STATUS=")
        with pytest.raises(TimeoutError):
            systemd.hear("WATCHDOG=", 2)


def test_signs_go_on_while_the_store_is_away(tmp_path, authority, systemd):
    """A restart would not bring it back, and would cut who is in."""
    with told(tmp_path, authority, systemd, _EVERY) as gateway, unreadable(tmp_path / "wicketgate.db"):
        gateway.wait_for_log("change feed cannot be read", 60)
        systemd.forget()
        for _ in range(4):
            systemd.hear("WATCHDOG=1")


def test_no_sign_is_given_while_nobody_can_be_let_in(tmp_path, authority, systemd):
    with told(tmp_path, authority, systemd, _EVERY) as gateway, contextlib.ExitStack() as stack:
        systemd.hear("WATCHDOG=1")
        process = gateway.process.pid
        before = resource.prlimit(process, resource.RLIMIT_NOFILE)
        open_files = len(list(Path(f"/proc/{process}/fd").iterdir()))
        resource.prlimit(process, resource.RLIMIT_NOFILE, (open_files, before[1]))
        stack.enter_context(socket.create_connection((gateway.host, gateway.imap)))
        line = gateway.wait_for_log("no sign of life is given", 60)
        assert "clients wait and are not accepted at imap" in line
        systemd.forget()
        with pytest.raises(TimeoutError):
            systemd.hear("WATCHDOG=1", 2)
        resource.prlimit(process, resource.RLIMIT_NOFILE, before)
        systemd.hear("WATCHDOG=1")
        gateway.wait_for_log("signs of life are given again")
