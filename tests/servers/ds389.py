"""Debian's 389 Directory Server as dscreate sets it up, with the names of docs/directories.md."""

import re
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.servers.certificates import Authority
from tests.servers.container import Container
from tests.servers.directory import Directory
from tests.servers.ldap_tools import found, tool
from tests.servers.ldif import Attributes, deletion, entry, replacement

DOMAIN, BASE = "example.org", "dc=example,dc=org"
PEOPLE, GROUPS, SERVICES = f"ou=people,{BASE}", f"ou=groups,{BASE}", f"ou=services,{BASE}"
SERVICE, SERVICE_PASSWORD = f"cn=wicketgate,{SERVICES}", "service-word"
MANAGER, _MANAGERS_PASSWORD = "cn=Directory Manager", "manager-word"
_START_SECONDS = 60
_CONFIGURATION = "/etc/dirsrv/slapd-test"
_LOG = "/var/log/dirsrv/slapd-test/access"
_INSTANCE = f"""
[general]
config_version = 2
full_machine_name = localhost
strict_host_checking = False
start = False
[slapd]
instance_name = test
root_password = {_MANAGERS_PASSWORD}
[backend-userroot]
suffix = {BASE}
create_suffix_entry = True
"""
# The container has no systemd, which dscreate would ask to start the server. At boot it makes these folders.
_WITHOUT_SYSTEMD = """
sed -i 's/^with_systemd = 1/with_systemd = 0/' /usr/share/dirsrv/inf/defaults.inf
install -d -o dirsrv -g dirsrv -m 770 /run/dirsrv /run/lock/dirsrv
"""
_SETTINGS = {
    # The tests read in the log what has just been done.
    "nsslapd-accesslog-logbuffering": ["off"],
    # Each test that fails shows the whole log.
    "nsslapd-accesslog-maxlogsize": ["-1"],
}
# A new suffix shows nothing to its users. This is an address book of which each has a part for himself.
_RULES = [
    '(targetattr = "objectClass || uid || cn || sn || givenName || displayName || mail || telephoneNumber")'
    '(version 3.0; acl "Address book"; allow (read, search, compare) userdn = "ldap:///all";)',
    '(targetattr = "homePhone || description")'
    '(version 3.0; acl "Own"; allow (read, search, compare, write) userdn = "ldap:///self";)',
    '(targetattr = "userPassword")(version 3.0; acl "Own password"; allow (write) userdn = "ldap:///self";)',
]


class DirectoryServer:
    """A directory with `people` of one's own, until the end of the `with`."""

    host = "127.0.0.1"
    base, people, groups, domain = BASE, PEOPLE, GROUPS, DOMAIN
    service, service_password = SERVICE, SERVICE_PASSWORD

    def __init__(self, documented: str) -> None:
        """`documented` is the LDIF that docs/directories.md tells an administrator to add."""
        self._documented = documented

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ds389-")))
            self.authority = Authority(self.folder)
            self._container = stack.enter_context(Container(self.folder, "ds389"))
            self._start()
            self._fill()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def ca_file(self) -> Path:
        return self.authority.ca_file

    def directory(self) -> Directory:
        return Directory(self.host, self.tls_port, self.ca_file, "implicit")

    def add_person(self, name: str, password: str, **more: Sequence[str]) -> str:
        """An enabled user; returns the DN."""
        dn = f"uid={name},{PEOPLE}"
        usual: Attributes = {
            "objectClass": ["inetOrgPerson"],
            "uid": [name],
            "cn": [name],
            "sn": [name],
            "displayName": [name],
            "mail": [f"{name}@{DOMAIN}"],
            "homePhone": [f"{name}'s own"],
            "userPassword": [password],
        }
        self.add(dn, {**usual, **more})
        return dn

    def add_group(self, name: str, members: Sequence[str]) -> str:
        """A group of these DNs; returns its own."""
        dn = f"cn={name},{GROUPS}"
        self.add(dn, {"objectClass": ["groupOfNames"], "cn": [name], "member": members})
        return dn

    def disable(self, dn: str) -> None:
        """As `dsidm account lock` does."""
        self.modify(dn, {"nsAccountLock": ["true"]})

    def enable(self, dn: str) -> None:
        self.modify(dn, {"nsAccountLock": []})

    def add(self, dn: str, attributes: Attributes) -> None:
        self._change(entry(dn, attributes))

    def modify(self, dn: str, attributes: Attributes) -> None:
        self._change(replacement(dn, attributes))

    def rename(self, dn: str, name: str) -> str:
        """The entry's new DN, with that name."""
        self._change(f"dn: {dn}\nchangetype: modrdn\nnewrdn: uid={name}\ndeleteoldrdn: 1\n\n")
        return f"uid={name},{dn.partition(',')[2]}"

    def delete(self, dn: str) -> None:
        self._change(deletion(dn))

    def log(self) -> str:
        return self._container.path(_LOG).read_text(errors="replace")

    def contents(self) -> str:
        """All entries with their passwords' hashes."""
        return found(
            self.directory(), "-b", BASE, "*", "userPassword", "aci", who=(MANAGER, _MANAGERS_PASSWORD)
        )

    def _start(self) -> None:
        self._container.run("sh", "-ec", _WITHOUT_SYSTEMD)
        (self.folder / "instance.inf").write_text(_INSTANCE)
        self._container.run("dscreate", "from-file", f"{self.folder}/instance.inf")
        pair = self.authority.server()
        tls = ("dsctl", "test", "tls")
        self._container.run(*tls, "import-ca", str(self.ca_file), "tests")
        self._container.run(*tls, "import-server-key-cert", str(pair.certificate), str(pair.key))
        self.tls_port = self._container.forward(636)
        with (self.folder / "log").open("wb") as log:
            # With -d it stays in the foreground.
            process = self._container.start("ns-slapd", "-D", _CONFIGURATION, "-d", "0", log=log)
        deadline = time.monotonic() + _START_SECONDS
        while tool(self.directory(), "ldapsearch", "-b", "", "-s", "base").returncode:
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"389-ds didn't start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.1)

    def _fill(self) -> None:
        self.modify("cn=config", _SETTINGS)
        for unit in (PEOPLE, GROUPS, SERVICES):
            self.add(unit, {"objectClass": ["organizationalUnit"]})
        self._change(
            "\n".join(
                ["dn: " + BASE, "changetype: modify", "add: aci", *(f"aci: {one}" for one in _RULES), "", ""]
            )
        )
        self._change(re.sub("userPassword: .*", f"userPassword: {SERVICE_PASSWORD}", self._documented))

    def _change(self, ldif: str) -> None:
        who = MANAGER, _MANAGERS_PASSWORD
        done = tool(self.directory(), "ldapmodify", "-a", who=who, text=ldif)
        if done.returncode:
            raise RuntimeError(f"389-ds refused a change: {done.stderr}\n{ldif}")
