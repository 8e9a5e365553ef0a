"""The gateway in front of a real Dovecot, with one user in each MFA state."""

import imaplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.control import ask
from tests.gateway.people import Given, People
from tests.gateway.site import PORTAL
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.gateway import Gateway

DORA, ENNO, FRITZ = "dora@example.test", "enno@example.test", "fritz@example.test"
STATES = {DORA: "disabled", ENNO: "enabled", FRITZ: "enforced"}
MAIN = {DORA: "Dora's main password", ENNO: 'with "quotes" and \\', FRITZ: "Fritz, 2026!"}
MASTERS = {"gate": "backend-secret"}
SHARED = "passdb {\n  driver = static\n  args = password=backend-secret\n}\n"
REFUSED = (
    "[AUTHENTICATIONFAILED] Wrong user name or password. "
    f"With two-step verification, use an app password: {PORTAL}"
)
UNAVAILABLE = "[UNAVAILABLE] The service is unavailable for the moment. Please try again later"
_SECRETS = {
    "master": 'master_user = "gate"\nmaster_password_file = "secret"\n',
    "master-separator": 'master_user = "gate"\nmaster_password_file = "secret"\n',
    "shared-password": 'shared_password_file = "secret"\n',
    "xclient": "",
}


class Mailhouse:
    """`gateway` in front of `dovecot`; `given` are the app passwords, one for each user."""

    def __init__(self, gateway: Gateway, dovecot: Dovecot, people: People) -> None:
        self.gateway = gateway
        self.dovecot = dovecot
        self.people = people
        self.given: dict[str, Given] = {}

    def connect(self, source: str = "127.0.0.1") -> imaplib.IMAP4_SSL:
        """An IMAP client at the port with TLS."""
        return _From(source, "localhost", self.gateway.imaps, ssl_context=self.gateway.client_context())

    def logged_in(self, user: str, password: str = "", source: str = "127.0.0.1") -> imaplib.IMAP4_SSL:
        """A client that is in; without a password, by the user's app password."""
        client = self.connect(source)
        try:
            client.login(user, password or self.given[user].secret)
        except BaseException:
            client.shutdown()
            raise
        return client

    def sessions(self) -> list[str]:
        """The logins that the gateway has in its table, one for each session."""
        told = ask(self.gateway.folder / "control.sock", {"command": "sessions"})
        return [session["login"] for session in told["sessions"]]

    def answer(self, user: str, password: str) -> str:
        """What a client is told that tries to log in: "OK", or the sentence of the refusal."""
        with self.connect() as client:
            try:
                return client.login(user, password)[0]
            except client.error as error:
                return error.args[0].decode()


class _From(imaplib.IMAP4_SSL):
    """A client that calls from an address of its choice."""

    def __init__(self, source: str, *arguments: Any, **options: Any) -> None:
        self._source = source
        super().__init__(*arguments, timeout=20, **options)

    def _create_socket(self, timeout: float | None) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout, (self._source, 0))
        return self.ssl_context.wrap_socket(plain, server_hostname=self.host)


def backend(
    dovecot: Dovecot,
    protocol: str = "imap",
    *,
    login: str = "master",
    tls: str = "implicit",
    address: str = "",
    more: str = "",
) -> str:
    """The [[backend]] table; its certificate is verified against Dovecot's own authority."""
    where = address or f'"localhost:{dovecot.port(protocol, tls)}"'
    return table(protocol, where, login, tls, dovecot.ca_file, more)


def table(protocol: str, address: str, login: str, tls: str, ca_file: Path, more: str = "") -> str:
    """The [[backend]] table for any server."""
    ca = f'ca_file = "{ca_file}"\n' if tls != "none" and "ca_file" not in more else ""
    lines = f'protocol = "{protocol}"\naddress = {address}\ntls = "{tls}"\nlogin = "{login}"\n'
    return "[[backend]]\n" + lines + _SECRETS[login] + ca + more


@contextmanager
def open_mailhouse(
    folder: Path,
    authority: Authority,
    dovecot: Dovecot,
    settings: str = "",
    *,
    limits: str = "drain_seconds = 0\n",
    policy: str = "",
) -> Iterator[Mailhouse]:
    """`settings` are the [[backend]] and what else is wanted; `limits` and `policy` are lines there."""
    policy = f'[policy]\nportal_url = "{PORTAL}"\n{policy}'
    limits = f"[limits]\nrefusal_seconds = 0.05\n{limits}"
    gateway = Gateway(folder, policy + limits + (settings or backend(dovecot)), authority=authority)
    people = People(folder)
    house = Mailhouse(gateway, dovecot, people)
    for login, mfa in STATES.items():
        people.add(login, mfa)
        house.given[login] = people.give(login, f"app password of {login}")
    gateway.start()
    try:
        yield house
    finally:
        people.close()
        assert gateway.stop() == 0
        assert "Traceback" not in gateway.log()


def new_dovecot(more: str = "") -> Dovecot:
    """Every user's main password is known to it, as are the master user and what `more` adds."""
    return Dovecot(MAIN, MASTERS, more)
