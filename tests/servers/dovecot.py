"""Debian's Dovecot on free loopback ports, run from a folder of its own, as root or as anybody."""

import contextlib
import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.servers.certificates import Authority, Pair
from tests.servers.dovecot_config import configuration
from tests.servers.ports import free_ports

_EXECUTABLE = shutil.which("dovecot") or "/usr/sbin/dovecot"
_START_SECONDS = 60
_TLS = ("starttls", "none", "implicit")
_PORTS = {
    "imap": ("imap", "plain", "imaps"),
    "pop3": ("pop3", "pop3_plain", "pop3s"),
    "sieve": ("sieve", "sieve_plain"),
    "smtp": ("submission", "submission_plain", "submissions"),
}
PORTS = (*(name for names in _PORTS.values() for name in names), "sasl")
RELAY = """
hostname = dovecot.example.test
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_relay_trusted = no
"""


class Dovecot:
    """A server with a Maildir for each user, ended by `stop` or at the end of the `with`.

    `users` and `masters` map logins to passwords. A master logs in as a user by `user*master` or by SASL
    PLAIN with the user as authzid. Ports: `imaps` (implicit TLS), `imap` (STARTTLS is offered, LOGIN is
    also allowed without it), `plain` (no TLS at all); the same for POP3, ManageSieve and submission (`port`);
    `sasl` is where Postfix asks about passwords. Clients from 127.0.0.1 may say by ID or XCLIENT who they
    speak for; the log then shows that address as rip. `settings` are added to dovecot.conf.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        users: Mapping[str, str],
        masters: Mapping[str, str] | None = None,
        settings: str = "",
    ) -> None:
        self._users, self._masters, self._settings = users, masters or {}, settings
        self._owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._process: subprocess.Popen[bytes] | None = None
        self._ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
        self.imap, self.imaps, self.plain = (self._ports[name] for name in ("imap", "imaps", "plain"))

    def relay_to(self, port: int) -> None:
        """Where submission hands on what it takes. Before the start."""
        self._settings += RELAY.format(relay=port)

    def port(self, protocol: str, tls: str = "implicit") -> int:
        """The port of imap, pop3, smtp or sieve with that kind of TLS: implicit, starttls or none."""
        return self._ports[_PORTS[protocol][_TLS.index(tls)]]

    @property
    def sasl(self) -> int:
        return self._ports["sasl"]

    @property
    def ca_file(self) -> Path:
        return self.authority.ca_file

    def __enter__(self) -> Self:
        # Not pytest's own folder: the mail's owner, who isn't root, has to get in.
        self._temporary = tempfile.TemporaryDirectory(prefix="dovecot-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o755)
        self.authority = Authority(self.folder)
        try:
            self._write_users()
            self._write_configuration(self.authority.server())
            self.start()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._temporary.cleanup()

    def start(self) -> None:
        """Start and wait until it greets. Raises RuntimeError with the end of the log if it doesn't."""
        command = [_EXECUTABLE, "-F", "-c", str(self.folder / "dovecot.conf")]
        with (self.folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=console
            )
        try:
            self._wait_until_it_greets(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it, and every session with it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    def deliver(self, user: str, message: bytes) -> None:
        """Put a message into the user's inbox: whole or not at all, and an IDLE client is told."""
        maildir = self._home(user) / "Maildir"
        name = f"{time.time_ns()}.{uuid.uuid4().hex}.localhost"
        (maildir / "tmp" / name).write_bytes(message)
        self._give(maildir / "tmp" / name)
        (maildir / "tmp" / name).rename(maildir / "new" / name)

    def log(self) -> str:
        files = [self.folder / "console", self.folder / "log"]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def logged(self, pattern: str, seconds: float = 10) -> re.Match[str]:
        """The first match in the log, as soon as it is there. Raises AssertionError if it never is."""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.log())):
            assert time.monotonic() < deadline, f"{pattern!r} is not in the log:\n{self.log()[-4000:]}"
            time.sleep(0.02)
        return found

    def _wait_until_it_greets(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection((self.host, self.plain), 1) as client:
                if client.recv(1024).startswith(b"* OK"):
                    return
            time.sleep(0.02)
        raise RuntimeError(f"Dovecot didn't start. The end of its log:\n{self.log()[-4000:]}")

    def _write_users(self) -> None:
        ids = f"{self._owner.pw_uid}:{self._owner.pw_gid}"
        lines = [
            f"{user}:{{PLAIN}}{word}:{ids}::{self._home(user)}::\n" for user, word in self._users.items()
        ]
        (self.folder / "users").write_text("".join(lines))
        (self.folder / "masters").write_text(
            "".join(f"{who}:{{PLAIN}}{w}\n" for who, w in self._masters.items())
        )
        for user in self._users:
            for part in ("cur", "new", "tmp"):
                (self._home(user) / "Maildir" / part).mkdir(parents=True)
        (self.folder / "mail").mkdir(exist_ok=True)
        for path in [self.folder / "mail", *(self.folder / "mail").rglob("*")]:
            self._give(path)

    def _write_configuration(self, pair: Pair) -> None:
        (self.folder / "dovecot.conf").write_text(
            configuration(
                self.folder,
                self._ports,
                pair,
                None if os.geteuid() == 0 else (self._owner.pw_name, grp.getgrgid(os.getegid()).gr_name),
            )
            + self._settings
        )

    def _home(self, user: str) -> Path:
        return self.folder / "mail" / user

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)
