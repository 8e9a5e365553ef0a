"""Debian's Apache on a free loopback port, whose page asks a directory who may see it (mod_authnz_ldap)."""

import grp
import http.client
import os
import pwd
import re
import subprocess
import tempfile
import time
from base64 import b64encode
from pathlib import Path
from typing import Self

from tests.servers.directory import PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Directory
from tests.servers.ports import free_ports

_EXECUTABLE, _MODULES = "/usr/sbin/apache2", "/usr/lib/apache2/modules"
_START_SECONDS = 60
_NEEDED = ("mpm_event", "dir", "authn_core", "authz_core", "authz_user", "auth_basic", "ldap", "authnz_ldap")
PAGE = "only for users of the directory\n"
_CONFIGURATION = """
{modules}
ServerRoot {folder}
ServerName localhost
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ErrorLog {folder}/log
LogLevel warn ldap:debug authnz_ldap:debug
Listen 127.0.0.1:{port}
{identity}
DocumentRoot {folder}/site

LDAPTrustedGlobalCert CA_BASE64 {ca_file}
LDAPVerifyServerCert On
# Each login is asked of the directory; otherwise Apache would believe it for ten minutes.
LDAPCacheEntries 0
LDAPOpCacheEntries 0
<Location />
  AuthType Basic
  AuthName directory
  AuthBasicProvider ldap
  AuthLDAPURL "{url}/{base}?uid?one?(objectClass=inetOrgPerson)" {mode}
  AuthLDAPBindDN "{service}"
  AuthLDAPBindPassword "{password}"
  Require {require}
</Location>
{settings}
"""
# What AuthLDAPURL calls the kinds of TLS.
_MODES = {"implicit": "SSL", "starttls": "STARTTLS", "none": "NONE"}


class Apache:
    """A web server with one page, which is for users of `directory`, ended at the end of the `with`.

    It finds the user as the service account and then binds as the user, both on one connection that it
    keeps. `require` says who of them may see the page, `settings` are added to its configuration.
    """

    host = "127.0.0.1"

    def __init__(self, directory: Directory, require: str = "valid-user", settings: str = "") -> None:
        self._directory, self._require, self._settings = directory, require, settings
        self._process: subprocess.Popen[bytes] | None = None
        [self.port] = free_ports(1)

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="apache-", ignore_cleanup_errors=True)
        self.folder = Path(self._temporary.name)
        # Its children, which aren't root's, read the page.
        self.folder.chmod(0o755)
        try:
            self._write()
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
        with (self.folder / "console").open("ab") as console:
            self._process = subprocess.Popen(
                [_EXECUTABLE, "-f", self.folder / "apache.conf", "-DFOREGROUND"],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
            )
        try:
            self._wait_until_it_answers(self._process)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it and its children."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait()
        self._process = None

    def get(self, login: str | None = None, password: str = "") -> tuple[int, str]:
        """The status and the text that a browser gets which logs in like this, or not at all."""
        word = b64encode(f"{login}:{password}".encode()).decode()
        headers = {} if login is None else {"Authorization": f"Basic {word}"}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request("GET", "/", headers=headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

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

    def _wait_until_it_answers(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                self.get()
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)
        raise RuntimeError(f"Apache didn't start. The end of its log:\n{self.log()[-4000:]}")

    def _write(self) -> None:
        (self.folder / "site").mkdir()
        (self.folder / "site" / "index.html").write_text(PAGE)
        (self.folder / "apache.conf").write_text(
            _CONFIGURATION.format(
                modules="\n".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in _NEEDED),
                folder=self.folder,
                port=self.port,
                identity=_identity(),
                ca_file=self._directory.ca_file,
                url=self._directory.url,
                mode=_MODES[self._directory.tls],
                base=PEOPLE,
                service=SERVICE_DN,
                password=SERVICE_PASSWORD,
                require=self._require,
                settings=self._settings,
            )
        )


def _identity() -> str:
    """Root's Apache gives its children another user; anybody else's can't."""
    if os.geteuid() != 0:
        return ""
    nobody = pwd.getpwnam("nobody")
    return f"User {nobody.pw_name}\nGroup {grp.getgrgid(nobody.pw_gid).gr_name}"
