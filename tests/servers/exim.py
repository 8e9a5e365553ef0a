"""Debian's Exim on a free loopback port, run from a folder of its own. Only root can start it."""

import contextlib
import os
import pwd
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.servers.certificates import Authority
from tests.servers.ports import free_ports
from tests.servers.unpacked import unpacked

_START_SECONDS = 60
_WRAPPED = ("LD_PRELOAD", "NSS_WRAPPER_PASSWD", "NSS_WRAPPER_GROUP")
_CONFIGURATION = """
keep_environment = {kept}
exim_path = {program}
never_users =
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
primary_hostname = exim.example.test
message_size_limit = 50M
tls_certificate = {certificate}
tls_privatekey = {key}
tls_advertise_hosts = *
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
chunking_advertise_hosts = *
acl_smtp_rcpt = recipient
begin acl
recipient:
  accept authenticated = *
  deny message = log in first
begin routers
known:
  driver = accept
  address_data = ${{lookup{{$local_part@$domain}}lsearch{{{folder}/boxes}}{{$value}}fail}}
  transport = box
begin transports
box:
  driver = appendfile
  directory = {folder}/mail/$address_data
  maildir_format
  user = {owner}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_set_id = $auth2
  server_condition = ${{if or{{ \\
    {{eq{{$auth3}}{{${{lookup{{$auth2}}lsearch{{{folder}/passwords}}{{$value}}fail}}}}}} \\
    {{eq{{$auth3}}{{{shared}}}}} }}}}
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_set_id = $auth1
  server_condition = ${{if eq{{$auth2}}{{${{lookup{{$auth1}}lsearch{{{folder}/passwords}}{{$value}}fail}}}}}}
"""


class Exim:
    """A submission server with a Maildir for each of `users`, ended by `stop` or at the end of the `with`.

    `users` maps logins to passwords; `shared` is the password that lets the gateway in as each of them. It
    speaks STARTTLS on `port`.
    """

    host = "127.0.0.1"

    def __init__(self, users: Mapping[str, str], shared: str) -> None:
        self._users, self._shared = users, shared
        self._program = unpacked("exim4-daemon-light") / "usr/sbin/exim4"
        self._process: subprocess.Popen[bytes] | None = None
        [self.port] = free_ports(1)

    @property
    def ca_file(self) -> Path:
        return self.authority.ca_file

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="exim-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        self.folder.chmod(0o755)
        self.authority = Authority(self.folder)
        try:
            self._write_configuration()
            self.start()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._temporary.cleanup()

    def start(self) -> None:
        """Start and wait until it greets. Raises RuntimeError with its log if it doesn't."""
        with (self.folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                [self._program, "-C", self.folder / "exim.conf", "-bdf"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env=self._environment(),
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError), smtplib.SMTP(self.host, self.port, timeout=5):
                return
            time.sleep(0.02)
        self.stop()
        raise RuntimeError(f"Exim didn't start:\n{self.log()[-4000:]}")

    def stop(self) -> None:
        """End it; sessions go on in processes of their own."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait()
        self._process = None

    def maildir(self, user: str) -> Path:
        return self.folder / "mail" / user

    def log(self) -> str:
        files = [self.folder / name for name in ("console", "mainlog", "rejectlog", "paniclog")]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def _environment(self) -> dict[str, str]:
        values = ("libnss_wrapper.so", f"{self.folder}/passwd", f"{self.folder}/group")
        return dict(zip(_WRAPPED, values, strict=True)) | {"PATH": "/usr/bin:/bin"}

    def _write_configuration(self) -> None:
        owner, pair = pwd.getpwnam("nobody"), self.authority.server()
        # Debian's Exim asks for a user of this name, which only the installed package would make.
        ids = f"{owner.pw_uid}:{owner.pw_gid}"
        known, groups = Path("/etc/passwd").read_text(), Path("/etc/group").read_text()
        (self.folder / "passwd").write_text(f"{known}Debian-exim:x:{ids}::/:/bin/false\n")
        (self.folder / "group").write_text(f"{groups}Debian-exim:x:{owner.pw_gid}:\n")
        (self.folder / "boxes").write_text("".join(f"{user}: {user}\n" for user in self._users))
        (self.folder / "passwords").write_text(
            "".join(f"{user}: {word}\n" for user, word in self._users.items())
        )
        for name in ("spool", "mail"):
            (self.folder / name).mkdir()
        for path in [self.folder, *self.folder.iterdir()]:
            os.chown(path, owner.pw_uid, owner.pw_gid)
        text = _CONFIGURATION.format(
            kept=" : ".join(_WRAPPED),
            program=self._program,
            folder=self.folder,
            port=self.port,
            certificate=pair.certificate,
            key=pair.key,
            owner=owner.pw_name,
            shared=self._shared,
        )
        (self.folder / "exim.conf").write_text(text)
