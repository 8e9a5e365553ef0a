"""The ways to take somebody's right away, as the command line and the directory's sync do it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from store import app_passwords, users
from store.directory import synced_users
from store.directory.state import Change, state_of
from store.model import MfaState, User
from tests.gateway.people import People


@dataclass(frozen=True, slots=True)
class Right:
    """What lets somebody in: an app password with this id, or the main password if there is none."""

    login: str
    secret: str
    app_password: str = ""


def delete(people: People, right: Right) -> None:
    app_passwords.delete(people.database, _user(people, right).id, right.app_password, actor="revocation")


def delete_all(people: People, right: Right) -> None:
    app_passwords.delete_all(people.database, _user(people, right).id, actor="revocation")


def block(people: People, right: Right) -> None:
    users.set_blocked(people.database, right.login, True, actor="revocation")


def enforce(people: People, right: Right) -> None:
    users.set_mfa(people.database, right.login, MfaState.ENFORCED, actor="revocation")


def disable(people: People, right: Right) -> None:
    """As a sync does that finds the user disabled in the directory."""
    user = _user(people, right)
    after = replace(state_of(user), disabled=True)
    left = synced_users.apply(people.database, [Change("changed", user, after, None)])
    assert not left or _user(people, right).disabled, f"{right.login} was changed by somebody else"


Kind = Callable[[People, Right], None]
# Each may be done again after an answer that was lost.
KINDS: Mapping[str, Kind] = {
    "delete": delete,
    "delete-all": delete_all,
    "block": block,
    "set-mfa": enforce,
    "directory": disable,
}
BY_MAIN_PASSWORD = frozenset({"set-mfa"})


def _user(people: People, right: Right) -> User:
    found = users.find(people.database, right.login)
    assert found is not None, f"{right.login} does not exist"
    return found
