"""One request by a program whose token may make it."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from portal.api.problem import Refused, no_such_user
from portal.state import State
from store import users
from store.model import Account
from store.names import normalise_login
from store.portal.reach import Barred, user_to_change
from store.portal.tokens import Token, TokenRole

# What stands for a user in an address.
LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Call:
    """`path` has what stands in the address; `query` and `body` are of the endpoint's models."""

    state: State
    token: Token
    address: str
    path: dict[str, str]
    query: BaseModel
    body: BaseModel | None
    target: Account | None = None

    @property
    def actor(self) -> str:
        """For the audit trail."""
        return f"api:{self.token.name}"

    @property
    def account(self) -> Account:
        """The user of the address, which the token may look at, and change where the endpoint does that."""
        assert self.target is not None, "the gate finds the user of every address that names one"
        return self.target

    def account_now(self) -> Account:
        """The same user, as of now. Raises Refused for one who was deleted meanwhile."""
        found = users.account_by_id(self.state.database, self.account.user.id)
        if found is None:
            raise no_such_user()
        return found

    def normalised(self, login: str) -> str | None:
        """As logins are stored; None for what can be none."""
        return _normalised(self.state, login)


def addressed(state: State, token: Token, login: str, *, changes: bool) -> Account:
    """The user of an address, for an endpoint that looks or one that changes.

    Raises Refused: for a user outside of the token's domains as for one who isn't there.
    """
    name = _normalised(state, login)
    found = users.account(state.database, name) if name is not None else None
    if found is None or not token.held.covers(found.user.login):
        raise no_such_user()
    if not changes:
        return found
    account = user_to_change(state.database, token.reach, found)
    if isinstance(account, Barred):
        raise no_such_user() if account is Barred.ABSENT else Refused(403, _sentence(account))
    return account


def _sentence(barred: Barred) -> str:
    if barred is Barred.SELF:
        return "This user has made the token. Another administrator has to do it."
    return (
        "This user has a role that the token's doesn't reach. Use a token of a higher role or of all "
        "domains, or let an administrator do it."
    )


def _normalised(state: State, login: str) -> str | None:
    names = state.settings.login
    octets = login.encode("utf-8", "replace")
    return normalise_login(octets, names.default_domain, names.domains, names.recipient_delimiter)


Handler = Callable[[Call], BaseModel | None]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method at an address, who may call it, and what goes in and out. No `answers` means 204."""

    method: str
    path: str
    summary: str
    roles: frozenset[TokenRole]
    handler: Handler
    answers: type[BaseModel] | None
    takes: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200

    @property
    def changes(self) -> bool:
        """Whether it changes something: whatever isn't safe by RFC 9110, section 9.2.1."""
        return self.method != "GET"
