"""Debian's Samba as an Active Directory domain controller, with the names of docs/directories.md."""

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.servers.certificates import Authority
from tests.servers.container import Container
from tests.servers.directory import Directory
from tests.servers.ldap_tools import tool
from tests.servers.ldif import Attributes, deletion, entry, replacement

DOMAIN, NETBIOS, BASE = "corp.example.org", "CORP", "dc=corp,dc=example,dc=org"
PEOPLE, GROUPS = f"ou=people,{BASE}", f"ou=groups,{BASE}"
SERVICE, SERVICE_PASSWORD = f"wicketgate@{DOMAIN}", "Service word of 2026!"
ADMINISTRATOR, _ADMINISTRATORS_PASSWORD = f"administrator@{DOMAIN}", "Admin word of 2026!"
ENABLED, DISABLED = "512", "514"  # userAccountControl (MS-ADTS, section 2.2.16)
_START_SECONDS = 60
_STATE = "/srv/samba"  # in memory, as all that a container writes in its own root
_PROVISION = (
    *("samba-tool", "domain", "provision", f"--realm={DOMAIN.upper()}", f"--domain={NETBIOS}"),
    # Without Samba's own DNS, as no client of these tests looks the domain up.
    *("--server-role=dc", "--dns-backend=NONE", f"--adminpass={_ADMINISTRATORS_PASSWORD}"),
)
_LEFT_BY_LOGINS = ("lastLogon", "logonCount", "badPasswordTime", "badPwdCount", "whenChanged", "uSNChanged")
# Each is here for a reason of the tests' own.
_OPTIONS = {
    # The other services of a domain controller are nobody's business here, and want daemons of their own.
    "server services": "ldap, cldap",
    "interfaces": "lo",
    "bind interfaces only": "yes",
    # It would make a certificate for its host name otherwise.
    "tls certfile": "{folder}/server.pem",
    "tls keyfile": "{folder}/server.key",
    "tls cafile": "{folder}/ca.pem",
    # Whose binds there were, and what was written by whom.
    "log level": "1 auth_json_audit:4 dsdb_json_audit:5 dsdb_password_json_audit:5",
}


class Samba:
    """A domain with `people` of one's own, until the end of the `with`. In clear it takes no password."""

    host = "127.0.0.1"
    base, people, groups, domain = BASE, PEOPLE, GROUPS, DOMAIN
    service, service_password = SERVICE, SERVICE_PASSWORD

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="samba-")))
            self.authority = Authority(self.folder)
            self.authority.server()
            self._container = stack.enter_context(Container(self.folder, "dc1"))
            self._start()
            for unit in (PEOPLE, GROUPS):
                self.add(unit, {"objectClass": ["organizationalUnit"]})
            self.add_person("wicketgate", SERVICE_PASSWORD)
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
        dn = f"cn={name},{PEOPLE}"
        usual: Attributes = {
            "objectClass": ["user"],
            "sAMAccountName": [name],
            "userPrincipalName": [f"{name}@{DOMAIN}"],
            "mail": [f"{name}@{DOMAIN}"],
            "sn": [name],
            "displayName": [name],
            # MS-ADTS, section 3.1.1.3.1.5: in quotes, as UTF-16.
            "unicodePwd": [f'"{password}"'.encode("utf-16-le")],
            "userAccountControl": [ENABLED],
        }
        self.add(dn, {**usual, **more})
        return dn

    def add_group(self, name: str, members: Sequence[str]) -> str:
        """A group of these DNs; returns its own."""
        dn = f"cn={name},{GROUPS}"
        named = {"member": members} if members else {}
        self.add(dn, {"objectClass": ["group"], "sAMAccountName": [name], **named})
        return dn

    def disable(self, dn: str) -> None:
        """As an administrator does with "Disable Account"."""
        self.modify(dn, {"userAccountControl": [DISABLED]})

    def enable(self, dn: str) -> None:
        self.modify(dn, {"userAccountControl": [ENABLED]})

    def add(self, dn: str, attributes: Attributes) -> None:
        self._change(entry(dn, attributes))

    def modify(self, dn: str, attributes: Attributes) -> None:
        self._change(replacement(dn, attributes))

    def rename(self, dn: str, name: str) -> str:
        """The entry's new DN, with that name."""
        self._change(f"dn: {dn}\nchangetype: modrdn\nnewrdn: cn={name}\ndeleteoldrdn: 1\n\n")
        return f"cn={name},{dn.partition(',')[2]}"

    def delete(self, dn: str) -> None:
        self._change(deletion(dn))

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def contents(self) -> str:
        """All entries with their passwords' hashes, but for what a login leaves in them."""
        told = self._container.run("ldbsearch", "-H", f"{_STATE}/private/sam.ldb", "*", "unicodePwd")
        return "\n".join(line for line in told.splitlines() if not line.startswith(_LEFT_BY_LOGINS))

    def _start(self) -> None:
        self._container.run(*_PROVISION, f"--targetdir={_STATE}")
        options = [f"--option={name}={value.format(folder=self.folder)}" for name, value in _OPTIONS.items()]
        command = ("samba", "-F", "-M", "single", "--debug-stdout", "-s", f"{_STATE}/etc/smb.conf", *options)
        with (self.folder / "log").open("wb") as log:
            process = self._container.start(*command, log=log)
        self.tls_port = self._container.forward(636)
        deadline = time.monotonic() + _START_SECONDS
        while self._ask("-b", "", "-s", "base", "dnsHostName"):
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError(f"Samba didn't start. The end of its log:\n{self.log()[-4000:]}")
            time.sleep(0.1)

    def _ask(self, *words: str) -> int:
        return tool(self.directory(), "ldapsearch", *words).returncode

    def _change(self, ldif: str) -> None:
        who = ADMINISTRATOR, _ADMINISTRATORS_PASSWORD
        done = tool(self.directory(), "ldapmodify", "-a", who=who, text=ldif)
        if done.returncode:
            raise RuntimeError(f"Samba refused a change: {done.stderr}\n{ldif}")
