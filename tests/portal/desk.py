"""People of the help desk, and the user whom they help: what the tests of their pages share."""

from contextlib import AbstractContextManager

import httpx2

from store import users
from store.model import Account, MfaState, User
from store.portal import roles
from store.portal.roles import Role
from tests.portal.caller import Caller, give_password
from tests.portal.inside import inside, session
from tests.portal.site import Site


def granted(site: Site, name: str, role: Role) -> str:
    """The login of somebody with this role for example.test."""
    login = f"{name}@example.test"
    found = users.find(site.people.database, login)
    found = found or users.find(site.people.database, site.add(login))
    assert found is not None
    roles.grant(site.people.database, found.id, role, ["example.test"], actor="test")
    return login


def holder(site: Site, name: str, role: Role) -> AbstractContextManager[Caller]:
    """Them, signed in."""
    return inside(site, granted(site, name, role))


def helped(site: Site, login: str) -> User:
    """Somebody with a main password, a second step and an app password, enabled."""
    give_password(site, login)
    site.people.give(login, name="Old phone")
    session(site, login)
    users.set_mfa(site.people.database, login, MfaState.ENABLED, actor="test")
    found = users.find(site.people.database, login)
    assert found is not None
    return found


def do(caller: Caller, user: User, act: str, **form: str) -> httpx2.Response:
    """One thing for the user, after the Yes."""
    return caller.submit(f"/help-desk/users/{user.id}/{act}", form)


def now(site: Site, user: User) -> Account:
    """As the user is by now."""
    found = users.account_by_id(site.people.database, user.id)
    assert found is not None
    return found
