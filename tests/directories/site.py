"""A gateway in front of a directory, configured as docs/directories.md says."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.control import ask
from tests.gateway.ldap.client import Client
from tests.gateway.ldap.wire import Wire
from tests.gateway.people import Given, People
from tests.gateway.site import MAIN, PORTAL, fields
from tests.servers.certificates import Authority
from tests.servers.directory import Directory as Address
from tests.servers.ds389 import DirectoryServer
from tests.servers.gateway import Gateway
from tests.servers.samba import Samba

Directory = DirectoryServer | Samba
_DOCUMENT = Path(__file__).parents[2] / "docs" / "directories.md"
_TITLES = {DirectoryServer: "389 Directory Server", Samba: "Active Directory"}
_RULES = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0
drain_seconds = 1
"""


def documented(title: str, language: str) -> str:
    """The example in that language which administrators find under that title."""
    section = _DOCUMENT.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
    return section.partition(f"```{language}\n")[2].partition("```")[0]


class Site:
    """`gateway` in front of `directory`; `people` are in its store. All main passwords are MAIN."""

    def __init__(self, gateway: Gateway, directory: Directory, people: People) -> None:
        self.gateway, self.directory, self.people = gateway, directory, people
        self._known: dict[str, str] = {}

    def login(self, name: str) -> str:
        return f"{name}@{self.directory.domain}"

    def dn(self, name: str) -> str:
        return self._known[name]

    def add_to_directory(self, name: str, **more: Sequence[str]) -> str:
        """A new entry that the store knows nothing of; returns the DN."""
        self._known[name] = self.directory.add_person(name, MAIN, **more)
        return self._known[name]

    def known_as(self, name: str, dn: str) -> None:
        """Its entry has another name now."""
        self._known[name] = dn

    def add(self, name: str, mfa: str) -> str:
        """A new user in the directory and in the store; returns the login."""
        self.add_to_directory(name)
        return self.people.add(self.login(name), mfa)

    def give(self, name: str) -> Given:
        return self.people.give(self.login(name))

    def client(self) -> Client:
        return Client(
            Address(
                self.gateway.host, self.gateway.ports["ldaps"], self.gateway.authority.ca_file, "implicit"
            )
        )

    def wire(self) -> Wire:
        return Wire(self.gateway.ports["ldaps"], self.gateway.client_context())

    def bind(self, name: str, password: str) -> int:
        """The result code of a bind on a connection of its own."""
        with self.client() as client:
            return client.bind(name, password)[0]

    def last_login(self) -> dict[str, str]:
        """The line of the newest login in the gateway's log."""
        return [
            line for line in map(fields, self.gateway.log().splitlines()) if line.get("event") == "login"
        ][-1]

    def sync(self, *words: str) -> str:
        """What `wicketgate directory sync` prints."""
        return self.gateway.run("directory", "sync", *words).stdout

    def sessions(self) -> list[dict[str, object]]:
        return ask(self.gateway.folder / "control.sock", {"command": "sessions"})["sessions"]

    def remove_people(self) -> None:
        """Those whom this site has put into the directory, which other sites share."""
        for dn in self._known.values():
            self.directory.delete(dn)


@contextmanager
def open_site(folder: Path, directory: Directory, authority: Authority, more: str) -> Iterator[Site]:
    """A gateway that serves until the end of the block. `more` is added to [directory]."""
    gateway = Gateway(
        folder, _RULES + _settings(directory) + more.format(groups=directory.groups), authority=authority
    )
    (folder / "service-password").write_text(directory.service_password)
    (folder / "service-password").chmod(0o600)
    people = People(folder)
    site = Site(gateway, directory, people)
    try:
        gateway.start()
        yield site
        site.remove_people()
    finally:
        gateway.stop()
        people.close()


def _settings(directory: Directory) -> str:
    """What the document says, but for where the directory is and whom to trust."""
    where = f'address = "{directory.host}:{directory.tls_port}"\nca_file = "{directory.ca_file}"'
    text = documented(_TITLES[type(directory)], "toml")
    text = re.sub("^address = .*$", f'{where}\nserver_name = "localhost"', text, flags=re.MULTILINE)
    return text.replace("/etc/wicketgate/ldap-service", "service-password")
