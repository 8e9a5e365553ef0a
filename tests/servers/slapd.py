"""Debian's slapd on free loopback ports, run from a folder of its own, as root or as anybody."""

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from tests.servers.certificates import Authority
from tests.servers.directory import BASE, ROOT_DN, ROOT_PASSWORD, Directory, Person
from tests.servers.ldap_tools import tool
from tests.servers.ldif import Attributes, deletion, entry, replacement
from tests.servers.ports import free_ports
from tests.servers.slapd_config import Options, configuration, entries
from tests.servers.unpacked import unpacked

_START_SECONDS = 60
# RFC 4511, section 4.2: an anonymous BindRequest, which slapd answers once it serves, with yes or no.
_BIND, _ANSWER = bytes.fromhex("300c020101600702010304008000"), b"\x30"


class Slapd:
    """A directory with `people` and `groups` (names to uids), ended by `stop` or at the end of the `with`.

    `port` is for ldap:// with StartTLS, `tls_port` for ldaps://. What is written stays over a `stop` and a
    `start`. Who may read what is in tests.servers.slapd_config, the names in tests.servers.directory.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        people: Iterable[Person] = (),
        groups: Mapping[str, Iterable[str]] | None = None,
        options: Options | None = None,
    ) -> None:
        self._people, self._groups, self._options = tuple(people), groups or {}, options or Options()
        self._package = unpacked("slapd")
        self._process: subprocess.Popen[bytes] | None = None
        self.port, self.tls_port = free_ports(2)

    @property
    def ca_file(self) -> Path:
        return self.authority.ca_file

    def directory(self, tls: str = "starttls") -> Directory:
        """What a client is to be told of it."""
        port = self.tls_port if tls == "implicit" else self.port
        return Directory(self.host, port, self.ca_file, tls)

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="slapd-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        # Other servers' processes, which aren't root's, read the CA's certificate.
        self.folder.chmod(0o755)
        self.authority = Authority(self.folder)
        try:
            self._write_configuration()
            self._fill()
            self.start()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._temporary.cleanup()

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with the end of the log if it doesn't."""
        urls = f"ldap://{self.host}:{self.port} ldaps://{self.host}:{self.tls_port}"
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                # With -d it stays in the foreground.
                [*self._command("slapd"), "-h", urls, "-d", "stats"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
            )
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it, and every connection with it."""
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

    def add(self, dn: str, attributes: Attributes) -> None:
        self._change(entry(dn, attributes))

    def modify(self, dn: str, attributes: Attributes) -> None:
        """Put these values in the place of those that are there; an attribute without values is removed."""
        self._change(replacement(dn, attributes))

    def delete(self, dn: str) -> None:
        self._change(deletion(dn))

    def log(self) -> str:
        """What it says of connections, binds, proxied identities, operations and results."""
        return (self.folder / "log").read_text(errors="replace")

    def logged(self, pattern: str, seconds: float = 10) -> re.Match[str]:
        """The first match in the log, as soon as it is there. Raises AssertionError if it never is."""
        deadline = time.monotonic() + seconds
        while not (found := re.search(pattern, self.log())):
            assert time.monotonic() < deadline, f"{pattern!r} is not in the log:\n{self.log()[-4000:]}"
            time.sleep(0.02)
        return found

    def _change(self, ldif: str) -> None:
        done = tool(self.directory("implicit"), "ldapmodify", "-a", who=(ROOT_DN, ROOT_PASSWORD), text=ldif)
        if done.returncode:
            raise RuntimeError(f"slapd refused a change: {done.stderr}\n{ldif}")

    def _command(self, program: str) -> list[str]:
        return [str(self._package / "usr/sbin" / program), "-f", str(self.folder / "slapd.conf")]

    def _environment(self) -> dict[str, str]:
        # libslapi is in the package itself.
        libraries = [str(folder) for folder in (self._package / "usr/lib").glob("*-linux-gnu*")]
        return {"LD_LIBRARY_PATH": ":".join(libraries), "PATH": os.defpath}

    def _write_configuration(self) -> None:
        text = configuration(self.folder, self._package, self.authority.server(), self._options)
        (self.folder / "data").mkdir()
        (self.folder / "slapd.conf").touch(0o600)
        (self.folder / "slapd.conf").write_text(text)

    def _fill(self) -> None:
        done = subprocess.run(
            [*self._command("slapadd"), "-q", "-b", BASE],
            input=entries(self._people, self._groups, self._options),
            capture_output=True,
            text=True,
            env=self._environment(),
        )
        if done.returncode:
            raise RuntimeError(f"slapadd refused what the directory starts with:\n{done.stderr}")

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                with socket.create_connection((self.host, self.port), 5) as client:
                    client.sendall(_BIND)
                    if client.recv(1024).startswith(_ANSWER):
                        return
            except OSError:
                time.sleep(0.02)
        raise RuntimeError(f"slapd didn't start. The end of its log:\n{self.log()[-4000:]}")
