"""The people in a gateway's store, put there as the CLI would, without the time that a process takes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from store import app_passwords, users
from store.database import Database
from store.hashing import Argon2
from store.model import MfaState
from store.pepper import create_pepper, load_pepper
from store.secret import generate
from store.upgrade import upgrade

EVERY_PROTOCOL = ("imap", "pop3", "smtp", "sieve", "ldap")


@dataclass(frozen=True, slots=True)
class Given:
    """An app password as its user knows it."""

    id: str
    name: str
    secret: str


class People:
    """Adds to the store in `folder`, or the one of that URL, making it first if need be.

    `announce` is called after each change. `close` it at the end.
    """

    def __init__(self, folder: Path, store: str = "", announce: Callable[[], None] = lambda: None) -> None:
        url = store or f"sqlite:///{folder / 'wicketgate.db'}"
        pepper = folder / "pepper"
        if not pepper.exists():
            create_pepper(pepper)
        upgrade(url)
        self.database = Database(url, announce=announce)
        self._pepper = load_pepper(pepper)

    def close(self) -> None:
        self.database.close()

    def add(
        self,
        login: str,
        mfa: str = "disabled",
        *,
        aliases: Iterable[str] = (),
        grace_until: datetime | None = None,
        blocked: bool = False,
        backend_login: str | None = None,
    ) -> str:
        """A new user; returns the login."""
        added = users.add(
            self.database, login, tuple(aliases), MfaState(mfa), backend_login=backend_login, actor="test"
        )
        assert added is not None, f"{login} exists"
        if grace_until is not None:
            users.set_mfa(self.database, login, MfaState(mfa), grace_until, actor="test")
        if blocked:
            users.set_blocked(self.database, login, True, actor="test")
        return login

    def block(self, login: str) -> None:
        users.set_blocked(self.database, login, True, actor="test")

    def unblock(self, login: str) -> None:
        users.set_blocked(self.database, login, False, actor="test")

    def give(
        self,
        login: str,
        name: str = "test",
        *,
        scopes: Sequence[str] = EVERY_PROTOCOL,
        networks: Sequence[str] = (),
        expired: bool = False,
        deleted: bool = False,
        argon2: Argon2 | None = None,
    ) -> Given:
        """A new app password for the user."""
        made = app_passwords.create(
            self.database,
            self._pepper,
            argon2 or Argon2(memory_kib=8, time_cost=1, parallelism=1),
            self._id(login),
            name,
            scopes,
            [ip_network(network) for network in networks],
            datetime.now(UTC) - timedelta(minutes=1) if expired else None,
            limit=40,
            actor="test",
        )
        assert isinstance(made, tuple), f"{login} has too many app passwords"
        app_password, secret = made
        if deleted:
            app_passwords.delete(self.database, app_password.user_id, app_password.id, actor="test")
        return Given(app_password.id, name, secret)

    def wrong_guess(self, login: str, *, same_tag: bool = False) -> str:
        """16 letters that are no app password of the user, and whose tag none, or one, of them has."""
        user_id = self._id(login)
        known = app_passwords.list_app_passwords(self.database, user_id)
        tags = {one.tag for one in known}
        while (self._pepper.tag(user_id, guess := generate()) in tags) is not same_tag:
            pass
        return guess

    def _id(self, login: str) -> int:
        found = users.find(self.database, login)
        assert found is not None, f"{login} does not exist"
        return found.id
