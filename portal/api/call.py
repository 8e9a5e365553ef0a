"""One request by a program whose token may make it."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import BaseModel

from portal.api.problem import Refused, no_such_user
from portal.state import State
from store import users
from store.model import Account
from store.names import normalise_login
from store.portal import roles
from store.portal.tokens import Token, TokenRole


@dataclass(frozen=True, slots=True)
class Call:
    """`path` has what stands in the address; `query` and `body` are of the endpoint's models."""

    state: State
    token: Token
    address: str
    path: dict[str, str]
    query: BaseModel
    body: BaseModel | None

    @property
    def actor(self) -> str:
        """For the audit trail."""
        return f"api:{self.token.name}"

    def normalised(self, login: str) -> str | None:
        """As logins are stored; None for what can be none."""
        names = self.state.settings.login
        return normalise_login(login.encode("utf-8", "replace"), names.default_domain, names.domains)

    def account(self) -> Account:
        """The user of the address. Raises Refused for who isn't in the token's domains, too."""
        login = self.normalised(self.path["login"])
        found = users.account(self.state.database, login) if login is not None else None
        if found is None or not self.token.held.covers(found.user.login):
            raise no_such_user()
        return found

    def account_to_change(self) -> Account:
        """The same, for whoever may change it: nobody acts on a user whose own role reaches further."""
        found = self.account()
        if self.token.role is TokenRole.SELF_SERVICE:
            return found
        if not self.token.held.may_act_on(roles.held(self.state.database, found.user.id)):
            raise Refused(403, "This user has a role that the token's doesn't reach.")
        return found


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
