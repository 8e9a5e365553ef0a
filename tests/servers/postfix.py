"""Debian's Postfix on free loopback ports, run from a folder of its own. Only root can start it."""

import grp
import os
import pwd
import re
import signal
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from tests.servers.certificates import Authority
from tests.servers.ports import free_ports
from tests.servers.postfix_config import DOORS, GROUP, OWNER, main_cf, master_cf
from tests.servers.unpacked import unpacked

_START_SECONDS = 60
# postfix-files of Debian's package: what is whose in the queue.
_OWNED = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "saved", "trace")


class Postfix:
    """A submission server that keeps what it takes in Maildirs, ended by `stop` or at the end of the `with`.

    `boxes` are the addresses that it knows; `sasl` is the port of a Dovecot that knows the passwords. It has
    a `port` for each way to log in: xclient (also SASL), sasl, gullible (XCLIENT for every client on
    loopback), relay (no login, for 127.0.0.1), and for each kind of TLS. `settings` are added to main.cf.
    """

    host = "127.0.0.1"

    def __init__(self, boxes: Iterable[str], sasl: int, settings: str = "") -> None:
        self._boxes, self._sasl, self._settings = tuple(boxes), sasl, settings
        self._ports = dict(zip(DOORS, free_ports(len(DOORS)), strict=True))
        self._package = unpacked("postfix")
        self._process: subprocess.Popen[bytes] | None = None

    def port(self, login: str, tls: str = "none") -> int:
        return self._ports[login, tls]

    @property
    def ca_file(self) -> Path:
        return self.authority.ca_file

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="postfix-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o755)
        self.authority = Authority(self.folder)
        try:
            self._write_configuration()
            self._make_queue()
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
        libraries = self._package / "usr/lib/postfix"
        with (self.folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                [libraries / "sbin/master", "-c", self.folder / "etc", "-d"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={"LD_LIBRARY_PATH": str(libraries), "MAIL_CONFIG": str(self.folder / "etc")},
                start_new_session=True,  # its processes are ended with it
            )
        try:
            self._wait_until_it_greets(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it, and every session with it. What it has taken stays in its queue."""
        if self._process is None:
            return
        os.killpg(self._process.pid, number)
        self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self.stop(signal.SIGKILL)

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user

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
            try:
                with smtplib.SMTP(self.host, self.port("relay"), timeout=5) as client:
                    client.noop()
                return
            except (OSError, smtplib.SMTPException):
                time.sleep(0.02)
        raise RuntimeError(f"Postfix didn't start. The end of its log:\n{self.log()[-4000:]}")

    def _write_configuration(self) -> None:
        owner, pair = pwd.getpwnam(OWNER), self.authority.server()
        etc = self.folder / "etc"
        etc.mkdir(mode=0o755)
        (etc / "master.cf").write_text(master_cf(self._ports))
        (etc / "main.cf").write_text(
            main_cf(self.folder, self._package, pair, self._sasl, owner.pw_uid, owner.pw_gid, self._settings)
        )
        (self.folder / "boxes").write_text("".join(f"{user} {user}/\n" for user in self._boxes))
        (self.folder / "mail").mkdir()
        os.chown(self.folder / "mail", owner.pw_uid, owner.pw_gid)

    def _make_queue(self) -> None:
        owner, group = pwd.getpwnam(OWNER).pw_uid, grp.getgrnam(GROUP).gr_gid
        modes = {f"queue/{name}": 0o700 for name in (*_OWNED, "private")}
        modes |= {"queue/maildrop": 0o730, "queue/public": 0o710, "data": 0o700}
        (self.folder / "queue" / "pid").mkdir(parents=True)
        for name, mode in modes.items():
            (self.folder / name).mkdir()
            (self.folder / name).chmod(mode)
            os.chown(self.folder / name, owner, group if mode & 0o070 else -1)
