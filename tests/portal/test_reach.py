"""WEB-12, WEB-13: whom tokens and people may change, for every endpoint, page, role and role of the target.

The tables of endpoints and pages make the cases, so a new one is among them. What is expected is written
down here once more, apart from the code that decides.
"""

import re
from itertools import count

import pytest

from portal.api import models
from portal.api.endpoints import ENDPOINTS
from portal.pages import PAGES
from store import audit, users
from store.model import MfaState
from store.portal import roles, tokens
from store.portal.roles import Held, Role
from store.portal.tokens import TokenRole
from tests.portal.caller import LOCAL
from tests.portal.inside import inside
from tests.portal.test_api import Program

SETTINGS = LOCAL
HERE, BOTH = frozenset(["example.test"]), frozenset(["example.test", "other.test"])
RANKS = {Role.AUDITOR: 0, Role.HELP_DESK: 1, Role.ADMINISTRATOR: 2}
TARGETS = [None, *(Held(role, scope) for role in Role for scope in (HERE, BOTH, frozenset()))]
CHANGING = [one for one in ENDPOINTS if "{login}" in one.path and one.method != "GET"]
ACTS = [page for page in PAGES if "{id}" in page.path and page.post is not None]
BODIES = {
    models.UserChange: {"mfa": "disabled"},
    models.NewAppPassword: {"name": "theirs"},
    models.Renaming: {"name": "theirs"},
}
_NUMBERS = count()


def is_inside(domains, held):
    """Whether all that the target may look after lies in these domains."""
    return not domains or (bool(held.domains) and held.domains <= domains)


def may(role, domains, target):
    """Whether a help desk or an administrator of these domains may change such a user."""
    if RANKS[role] < RANKS[Role.HELP_DESK]:
        return False
    return target is None or (is_inside(domains, target) and RANKS[target.role] <= RANKS[role])


def may_by_token(role, domains, target):
    """Self-service acts for the user, so no rank is above it; but it goes no further than its domains."""
    if role is TokenRole.SELF_SERVICE:
        return target is None or is_inside(domains, target)
    return may(Role(role.value), domains, target)


def somebody(site, held, domain="example.test"):
    """A user with this role, and with an app password."""
    login = site.add(f"target{next(_NUMBERS)}@{domain}")
    site.people.give(login)
    found = users.find(site.people.database, login)
    if held is not None:
        roles.grant(site.people.database, found.id, held.role, held.domains, actor="test")
    return users.account(site.people.database, login)


def named(held):
    return "nobody" if held is None else f"{held.role} of {' '.join(sorted(held.domains)) or 'all'}"


@pytest.mark.parametrize("domains", [HERE, frozenset()], ids=["domain", "all"])
@pytest.mark.parametrize("role", list(TokenRole))
@pytest.mark.parametrize("endpoint", CHANGING, ids=lambda one: f"{one.method} {one.path}")
def test_web_13_a_token_changes_whom_it_may_and_nobody_else(site, endpoint, role, domains):
    database, call = site.people.database, Program(site, role, *domains)
    for held in TARGETS:
        before = somebody(site, held)
        [held_by_target] = before.app_passwords
        path = endpoint.path.format(login=before.user.login, id=held_by_target.id)
        body = BODIES[endpoint.takes] if endpoint.takes is not None else None
        status = call(endpoint.method, path, body).status_code
        allowed = role in endpoint.roles and may_by_token(role, domains, held)
        assert status == (endpoint.status if allowed else 403), named(held)
        after = users.account(database, before.user.login)
        if not allowed:
            assert (after.user, after.app_passwords) == (before.user, before.app_passwords), named(held)


@pytest.mark.parametrize("role", list(TokenRole))
@pytest.mark.parametrize("endpoint", CHANGING, ids=lambda one: f"{one.method} {one.path}")
def test_web_13_for_a_token_of_a_domain_there_are_no_users_of_others(site, endpoint, role):
    if role not in endpoint.roles:
        return
    call, before = Program(site, role, *HERE), somebody(site, None, "other.test")
    path = endpoint.path.format(login=before.user.login, id=before.app_passwords[0].id)
    answer = call(endpoint.method, path, BODIES[endpoint.takes] if endpoint.takes is not None else None)
    assert answer.status_code == 404
    after = users.account(site.people.database, before.user.login)
    assert (after.user, after.app_passwords) == (before.user, before.app_passwords)


@pytest.mark.parametrize("domains", [HERE, frozenset()], ids=["domain", "all"])
@pytest.mark.parametrize("role", list(Role))
def test_web_13_people_change_whom_they_may_and_nobody_else(site, role, domains):
    database = site.people.database
    login = somebody(site, Held(role, domains)).user.login
    with inside(site, login) as caller:
        token = caller.token("/app-passwords/create")
        for held in TARGETS:
            for page in ACTS:
                before = somebody(site, held)
                path = page.path.format(id=before.user.id)
                answer = caller.post(path, {"token": token, "mfa": "disabled"})
                assert (answer.status_code == 303) is may(role, domains, held), (page.path, named(held))
                after = users.account(database, before.user.login)
                if not may(role, domains, held):
                    assert answer.status_code in (403, 404)
                    assert (after.user, after.app_passwords) == (before.user, before.app_passwords)


@pytest.mark.parametrize("role", ["help-desk", "administrator"])
def test_web_13_nobody_changes_themselves_by_a_token_of_their_own(site, role):
    """On the pages somebody else has to do it."""
    before = somebody(site, Held(Role.ADMINISTRATOR, HERE))
    path = f"/users/{before.user.login}"
    with inside(site, before.user.login) as caller:
        form = {"name": f"{role} of {path}", "role": role, "domains": "example.test", "days": "30"}
        caller.submit("/help-desk/tokens", form)
        shown = re.search(r'data-copy-source="([^"]+)"', caller.get("/help-desk/tokens/new").text)
        headers = {"Authorization": f"Bearer {shown[1]}"}
        url = f"{site.url}/api/v1{path}"
        answer = caller.client.patch(url, json={"mfa": "disabled", "blocked": True}, headers=headers)
        assert (answer.status_code, "made" in answer.json()["detail"]) == (403, True)
        assert caller.client.delete(url + "/app-passwords", headers=headers).status_code == 403
        other = somebody(site, None).user.login
        url = f"{site.url}/api/v1/users/{other}/app-passwords"
        assert caller.client.delete(url, headers=headers).json() == {"deleted": 1}
    after = users.account(site.people.database, before.user.login)
    assert (after.user.mfa, after.user.blocked) == (MfaState.ENFORCED, False)
    assert after.app_passwords == before.app_passwords


@pytest.mark.parametrize("domains", ["example.test", ""], ids=["domain", "all"])
def test_web_12_no_page_makes_a_token_that_acts_for_users(site, domains):
    """Its maker would be able to do what the role alone allows nobody: create app passwords for others."""
    ruler = somebody(site, Held(Role.ADMINISTRATOR, frozenset(domains.split()))).user.login
    with inside(site, ruler) as caller:
        assert 'value="self-service"' not in caller.get("/help-desk/tokens").text
        form = {"name": "mine", "role": "self-service", "domains": domains, "days": "30"}
        answer = caller.submit("/help-desk/tokens", form)
        assert answer.status_code == 400
        assert "wicketgate token create" in answer.text
    assert "mine" not in [one.name for one in tokens.tokens(site.people.database)]


def test_web_12_a_domains_administrator_gets_no_app_password_of_a_global_one(site):
    """The attack as it was shown: a token from the page, and an app password by it."""
    database = site.people.database
    ruler = somebody(site, Held(Role.ADMINISTRATOR, HERE)).user.login
    boss = somebody(site, Held(Role.ADMINISTRATOR))
    with inside(site, ruler) as caller:
        for role in TokenRole:
            form = {"name": f"{role} of {ruler}", "role": role.value, "domains": "example.test", "days": "30"}
            caller.submit("/help-desk/tokens", form)
            shown = re.search(r'data-copy-source="([^"]+)"', caller.get("/help-desk/tokens/new").text)
            if shown is None:
                continue
            answer = caller.client.post(
                f"{site.url}/api/v1/users/{boss.user.login}/app-passwords",
                json={"name": "theirs"},
                headers={"Authorization": f"Bearer {shown[1]}"},
            )
            assert answer.status_code == 403
    assert len(users.account(database, boss.user.login).app_passwords) == 1
    assert not [one for one in audit.entries(database, boss.user.login) if one.actor.startswith("api:")]
