"""The demo's users: one in each MFA state, with an app password each."""

from dataclasses import dataclass
from typing import Any

from config import ProtocolName, Settings
from gateway.demo.directory.entries import Entry, person, person_dn
from gateway.demo.directory.tree import Tree
from store import app_passwords, users
from store.database import Database
from store.hashing import Argon2
from store.model import MfaState
from store.pepper import create_pepper, load_pepper
from store.portal.authenticators import new_secret
from store.portal.key import create_portal_key, load_portal_key
from store.portal.registration import register_authenticator
from store.upgrade import upgrade

DOMAIN = "example.test"
_SCOPES: tuple[ProtocolName, ...] = ("imap", "pop3", "smtp", "sieve", "ldap")
_STATES = {"dora": MfaState.DISABLED, "enno": MfaState.ENABLED, "fritz": MfaState.ENFORCED}
_SURNAMES = {"dora": "Dorn", "enno": "Ebert", "fritz": "Falk"}
_ACTOR = "demo"


@dataclass(frozen=True, slots=True)
class Person:
    """One user of the demo, with the secrets that a real gateway would not know or not tell."""

    login: str
    dn: str
    main_password: str
    mfa: MfaState
    app_password_id: str
    app_password_name: str
    secret: str
    totp_secret: str

    def described(self) -> dict[str, Any]:
        """As `demo --describe` writes it."""
        app_password = {
            "id": self.app_password_id,
            "name": self.app_password_name,
            "secret": self.secret,
            "scopes": list(_SCOPES),
        }
        return {
            "login": self.login,
            "main_password": self.main_password,
            "mfa": self.mfa.value,
            "totp_secret": self.totp_secret,
            "app_passwords": [app_password],
        }


def main_passwords() -> dict[str, str]:
    """What the demo's mail servers know: login to main password."""
    return {_login(name): f"{name}s-main-password" for name in _STATES}


def further_addresses() -> dict[str, str]:
    """What they know besides: address to login."""
    return {_alias(name): _login(name) for name in _STATES}


def directory(shared_password: str) -> Tree:
    """What the demo's directory knows, which the gateway binds to with the shared password."""
    passwords = main_passwords()
    entries = [_entry(name, number) for number, name in enumerate(_STATES, 1)]
    return Tree(zip(entries, passwords.values(), strict=True), shared_password)


def move_in(settings: Settings) -> list[Person]:
    """Make the store and the users in it. Raises `StoreUnavailable`, `PepperError`."""
    create_pepper(settings.store.pepper_file)
    upgrade(settings.store.url)
    database = Database(settings.store.url)
    assert settings.portal.key_file is not None, "the demo has a portal"
    create_portal_key(database, settings.portal.key_file)
    try:
        return [_move_in(settings, database, name, state) for name, state in _STATES.items()]
    finally:
        database.close()


def _move_in(settings: Settings, database: Database, name: str, state: MfaState) -> Person:
    login, dn = _login(name), person_dn(name)
    user = users.add(database, login, [_alias(name)], state, dn=dn, actor=_ACTOR)
    assert user is not None, "the store is new"
    cost = settings.argon2
    made = app_passwords.create(
        database,
        load_pepper(settings.store.pepper_file),
        Argon2(cost.memory_kib, cost.time_cost, cost.parallelism),
        user.id,
        "Outlook 2010",
        _SCOPES,
        limit=settings.policy.max_app_passwords,
        actor=_ACTOR,
    )
    assert not isinstance(made, app_passwords.LimitReached), "it is the first one"
    app_password, secret = made
    totp = _register(settings, database, user.id) if state is MfaState.ENFORCED else ""
    password = main_passwords()[login]
    return Person(login, dn, password, state, app_password.id, app_password.name, secret, totp)


def _register(settings: Settings, database: Database, user_id: int) -> str:
    """An authenticator app, as who has two-step verification has one. Returns its secret."""
    assert settings.portal.key_file is not None, "the demo has a portal"
    key, secret = load_portal_key(settings.portal.key_file), new_secret()
    register_authenticator(database, key, user_id, "My phone", secret, 0, actor=_ACTOR)
    return secret


def _entry(name: str, number: int) -> Entry:
    return person(name.capitalize(), _SURNAMES[name], (_login(name), _alias(name)), number)


def _login(name: str) -> str:
    return f"{name}@{DOMAIN}"


def _alias(name: str) -> str:
    return f"{name}.alias@{DOMAIN}"
