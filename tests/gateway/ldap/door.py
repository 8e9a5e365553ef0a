"""The gateway in front of a real slapd."""

import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gateway.control import ask
from store import changes, users
from tests.gateway.ldap.client import Client
from tests.gateway.ldap.wire import Wire
from tests.gateway.people import Given, People
from tests.gateway.site import MAIN, PORTAL, fields
from tests.servers.certificates import Authority
from tests.servers.directory import (
    PEOPLE,
    ROOT_DN,
    SERVICE_DN,
    SERVICE_PASSWORD,
    Directory,
    Person,
    person_dn,
)
from tests.servers.gateway import Gateway
from tests.servers.slapd import Slapd
from tests.servers.slapd_config import attributes_of

REFUSED = f"Wrong user name or password. With two-step verification, use an app password: {PORTAL}"
LATER = "The service is unavailable for the moment. Please try again later"
TEMPLATE = 'dn_template = "uid={local},ou=people,dc=example,dc=test"'
QUICK = "refusal_seconds = 0\ndrain_seconds = 1"
_SETTINGS = """
[policy]
portal_url = "{portal}"
{policy}
[limits]
{limits}
[login]
default_domain = "example.test"
domains = {{ EXAMPLE = "example.test" }}
[directory]
{directory}
[[backend]]
protocol = "ldap"
address = {addresses}
tls = "{tls}"
ca_file = "{ca_file}"
server_name = "localhost"
login = "service"
service_dn = "{service}"
service_password_file = "service-password"
{backend}
"""


class Door:
    """`gateway` in front of `slapd`; `people` are in its store. In slapd, everybody's password is MAIN."""

    def __init__(self, gateway: Gateway, slapd: Slapd, people: People) -> None:
        self.gateway = gateway
        self.slapd = slapd
        self.people = people
        self.good: Given | None = None
        # In a folder that the processes of servers that aren't root's can enter.
        self._ca_file = slapd.folder / "gateway-ca.pem"
        shutil.copy(gateway.authority.ca_file, self._ca_file)
        self._added: list[str] = []
        self._log_begins = self._slapd_log_begins = 0

    def begin(self) -> None:
        """Forget what happened before."""
        self._log_begins = self.gateway.log_file.stat().st_size
        self._slapd_log_begins = (self.slapd.folder / "log").stat().st_size

    def directory(self, tls: str = "implicit") -> Directory:
        """The gateway, as clients of a directory know it."""
        port = self.gateway.ports["ldaps" if tls == "implicit" else "ldap"]
        return Directory(self.gateway.host, port, self._ca_file, tls)

    def add(self, name: str, mfa: str = "enforced", **more: object) -> str:
        """A new user in slapd and in the store; returns the login."""
        self.add_to_slapd(name)
        return self.people.add(login_of(name), mfa, **more)

    def add_to_slapd(self, name: str, password: str = MAIN, **attributes: Sequence[str]) -> str:
        """A new entry that the store knows nothing of; returns the DN. What is there already stays."""
        person = Person(name, password, attributes)
        if name not in self._added:
            self.slapd.add(person.dn, attributes_of(person))
            self._added.append(name)
        return person.dn

    def remove_people(self) -> None:
        """Those whom `add` put into slapd, which other gateways share."""
        for name in self._added:
            self.slapd.delete(person_dn(name))
        self._added.clear()

    def clear(self) -> None:
        """Only the good one is left, and nobody is in. The gateway has heard of it."""
        self.remove_people()
        for user in users.list_users(self.people.database):
            if user.login != login_of("good"):
                users.delete(self.people.database, user.login, actor="test")
        self.catch_up()
        ask(self.gateway.folder / "control.sock", {"command": "kick", "login": login_of("good")})
        self.until_sessions(0)

    def catch_up(self) -> None:
        """The gateway has heard of all that was changed, so nobody is changed in the middle of a login."""
        # It looks at the change feed at once where somebody guesses in the shape of an app password.
        assert self.bind(person_dn("good"), self.people.wrong_guess(login_of("good"))) == (49, REFUSED)
        self.begin()

    def disable(self, name: str) -> None:
        """As a sync does when the directory says so."""
        with self.people.database.write() as connection:
            user = users.find(self.people.database, login_of(name))
            connection.exec_driver_sql("UPDATE users SET disabled = 1 WHERE id = ?", (user.id,))
            changes.raise_version(connection, user.id, "disabled", "test")

    def give(self, user: str, **more: object) -> Given:
        return self.people.give(login_of(user), **more)

    def bind(self, name: str, password: str, *, source: str = "127.0.0.1") -> tuple[int, str]:
        """The result code and the text of one bind on a connection of its own."""
        with Client(self.directory(), source) as client:
            return client.bind(name, password)

    def client(self, tls: str = "implicit") -> Client:
        return Client(self.directory(tls))

    def slapd_client(self) -> Client:
        """A client of slapd itself, for counter-proofs."""
        return Client(self.slapd.directory("implicit"))

    def wire(self, tls: str = "implicit", **more: object) -> Wire:
        """A client that sends the octets that it is told. With tls="none", TLS can be had by StartTLS."""
        port = self.gateway.ports["ldaps" if tls == "implicit" else "ldap"]
        return Wire(port, self.gateway.client_context(), tls, **more)

    def slapd_wire(self) -> Wire:
        return Wire(self.slapd.tls_port, self.slapd.authority.client_context())

    def status(self) -> dict[str, object]:
        return ask(self.gateway.folder / "control.sock", {"command": "status"})

    def lives(self) -> None:
        """The oracle of every attack: the gateway lives, lets a good login in, and nothing went wrong."""
        assert self.gateway.process is not None
        assert self.gateway.process.poll() is None
        assert self.good is not None
        with self.wire() as wire:
            assert wire.bind(person_dn("good"), self.good.secret) == (0, "")
        log = self.log()
        for word in ("Traceback", "session failed", "callback failed", "can't be carried"):
            assert word not in log

    def lets_a_good_login_in(self) -> None:
        """The same, and whoever was let in gets answers."""
        self.lives()
        with self.client() as client:
            assert client.bind(person_dn("good"), self.good.secret) == (0, "")
            assert client.search(PEOPLE, "(uid=good)", ["mail"]) == [{"mail": ["good@example.test"]}]

    def log(self) -> str:
        """The gateway's since `begin`."""
        return _behind(self.gateway.log_file, self._log_begins)

    def logins(self) -> list[dict[str, str]]:
        """The lines of logins since `begin`. A line stands there before the client is answered."""
        return [line for line in map(fields, self.log().splitlines()) if line.get("event") == "login"]

    def until_logins(self, count: int) -> list[dict[str, str]]:
        """The lines of logins, once there are so many. Raises AssertionError."""
        end = time.monotonic() + 10
        while len(logins := self.logins()) < count:
            assert time.monotonic() < end, logins
            time.sleep(0.01)
        return logins

    def slapd_log(self) -> str:
        return _behind(self.slapd.folder / "log", self._slapd_log_begins)

    def binds_at_slapd(self) -> list[str]:
        """The names with which somebody tried to bind there since `begin`, but for `add`'s own."""
        begun = [
            line.split('BIND dn="', 1)[1] for line in self.slapd_log().splitlines() if 'BIND dn="' in line
        ]
        names = [rest.partition('"')[0] for rest in begun if "method=128" in rest]
        return [name for name in names if name != ROOT_DN]

    def connections_at_slapd(self) -> int:
        """How many there were since `begin`, at the port that gateways know.

        Those don't count by which the gateway looked whether slapd is there: they read the root DSE alone.
        """
        log, here = self.slapd_log(), re.escape(f"(IP={self.slapd.host}:{self.slapd.port})")
        accepted = set(re.findall(rf"conn=(\d+) fd=\d+ ACCEPT from \S+ {here}", log))
        looks = set(re.findall(r'conn=(\d+) op=\d+ SRCH base="" scope=0 ', log))
        others = set(re.findall(r'conn=(\d+) op=\d+ (?:BIND|SRCH base="[^"]|[A-RT-Z]\w* dn=)', log))
        return len(accepted - (looks - others))

    def searches_at_slapd(self, words: str) -> list[str]:
        """The lines of searches since `begin` with these words in them."""
        return [line for line in self.slapd_log().splitlines() if " SRCH base=" in line and words in line]

    @contextmanager
    def slapd_down(self) -> Iterator[None]:
        self.slapd.stop()
        try:
            yield
        finally:
            self.slapd.start()

    def memory_kib(self) -> int:
        """What the gateway's process holds in memory now."""
        assert self.gateway.process is not None
        status = Path(f"/proc/{self.gateway.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1])

    def open_files(self) -> int:
        """How many files the gateway's process has open."""
        assert self.gateway.process is not None
        return len(os.listdir(f"/proc/{self.gateway.process.pid}/fd"))

    def sessions(self) -> list[dict[str, object]]:
        return ask(self.gateway.folder / "control.sock", {"command": "sessions"})["sessions"]

    def until_sessions(self, count: int) -> None:
        """Returns once so many are live. Raises AssertionError."""
        end = time.monotonic() + 10
        while len(self.sessions()) != count:
            assert time.monotonic() < end, self.sessions()
            time.sleep(0.01)


@contextmanager
def open_door(
    folder: Path,
    slapd: Slapd,
    authority: Authority,
    *,
    backend: str = "",
    more: str = "",
    tls: str = "starttls",
    policy: str = "",
    limits: str = QUICK,
    directory: str = TEMPLATE,
    ports: Sequence[int] = (),
    ca_file: Path | None = None,
) -> Iterator[Door]:
    """A gateway that serves until the end of the block. `backend` is added to its [[backend]], `policy`,
    `limits` and so on to theirs, `more` behind all. `ports` are those of other directories than `slapd`."""
    ports = ports or [slapd.tls_port if tls == "implicit" else slapd.port]
    settings = _SETTINGS.format(
        portal=PORTAL,
        policy=policy,
        limits=limits,
        directory=directory,
        addresses=[f"127.0.0.1:{port}" for port in ports],
        tls=tls,
        ca_file=ca_file or slapd.ca_file,
        service=SERVICE_DN,
        backend=backend,
    )
    gateway = Gateway(folder, settings + more, authority=authority)
    (folder / "service-password").write_text(SERVICE_PASSWORD)
    (folder / "service-password").chmod(0o600)
    people = People(folder)
    try:
        gateway.start()
        yield Door(gateway, slapd, people)
    finally:
        gateway.stop()
        people.close()


def login_of(name: str) -> str:
    return f"{name}@example.test"


def _behind(file: Path, begin: int) -> str:
    with file.open("rb") as log:
        log.seek(begin)
        return log.read().decode(errors="replace")
