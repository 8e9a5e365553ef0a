"""The states of many users by a CSV file: shown first, set as they were shown, and told truly."""

import re

import pytest

from store import users
from store.model import MfaState
from store.portal import roles
from store.portal.roles import Role
from tests.portal.caller import LOCAL
from tests.portal.desk import helped, holder, now

SETTINGS = LOCAL
CHANGED = re.compile(r"Users changed: (\d+)")


@pytest.fixture
def ruler(site):
    """An administrator of example.test."""
    with holder(site, "ruler", Role.ADMINISTRATOR) as caller:
        yield caller


@pytest.fixture
def user(site, login):
    """Whom it's about."""
    return helped(site, login)


@pytest.fixture
def other(site, user):
    """Another one beside."""
    return users.find(site.people.database, site.add(f"beside-{user.login}"))


def planned(ruler, *logins):
    """The token of the page that shows what would be done: all of them enforced."""
    lines = "".join(f"{login},enforced\n" for login in logins)
    page = ruler.submit("/help-desk/states", {"csv": f"login,mfa\n{lines}"})
    assert page.status_code == 200
    return re.search(r'name="token" value="([^"]+)"', page.text)[1]


def said_yes(ruler, token):
    """How many were changed as the page tells it, and the page."""
    page = ruler.post("/help-desk/states/set", {"token": token}).text
    return int(CHANGED.search(page)[1]), page


def test_a_csv_is_shown_first_and_then_set(site, ruler, user):
    page = ruler.submit("/help-desk/states", {"csv": f"login,mfa\n{user.login},enforced\n"})
    assert user.login in page.text
    assert now(site, user).user.mfa is MfaState.ENABLED
    token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    ruler.post("/help-desk/states/set", {"token": token})
    assert now(site, user).user.mfa is MfaState.ENFORCED


def test_who_was_changed_meanwhile_is_left_out_and_named(site, ruler, user):
    page = ruler.submit("/help-desk/states", {"csv": f"login,mfa\n{user.login},enforced\n"})
    users.set_mfa(site.people.database, user.login, MfaState.DISABLED, actor="test")
    token = re.search(r'name="token" value="([^"]+)"', page.text)[1]
    said = ruler.post("/help-desk/states/set", {"token": token}).text
    assert user.login in said
    assert "Users changed: 0" in said
    assert now(site, user).user.mfa is MfaState.DISABLED


@pytest.mark.parametrize(
    "line",
    ["nobody@example.test,enforced", "away@other.test,enforced", "ruler@example.test,disabled", "{},x"],
)
def test_one_bad_line_and_nothing_is_done(site, ruler, user, line):
    if users.find(site.people.database, "away@other.test") is None:
        site.add("away@other.test")
    text = f"login,mfa\n{user.login},enforced\n{line.format(user.login)}\n"
    answer = ruler.submit("/help-desk/states", {"csv": text})
    assert answer.status_code == 400
    assert "Line 3" in answer.text
    assert now(site, user).user.mfa is MfaState.ENABLED


def test_of_two_the_one_that_was_changed_meanwhile_is_left_and_the_other_set(site, ruler, user, other):
    token = planned(ruler, user.login, other.login)
    users.set_mfa(site.people.database, user.login, MfaState.DISABLED, actor="test")
    number, page = said_yes(ruler, token)
    assert (number, user.login in page, other.login in page) == (1, True, False)
    assert now(site, user).user.mfa is MfaState.DISABLED
    assert now(site, other).user.mfa is MfaState.ENFORCED


def test_web_08_whoever_got_a_higher_role_meanwhile_is_left_and_nobody_is_said_to_be_changed(
    site, ruler, user, other
):
    token = planned(ruler, user.login, other.login)
    roles.grant(site.people.database, user.id, Role.ADMINISTRATOR, actor="test")
    number, page = said_yes(ruler, token)
    assert (number, user.login in page, other.login in page) == (0, True, True)
    assert now(site, user).user.mfa is MfaState.ENABLED
    assert now(site, other).user.mfa is other.mfa


def test_whoever_was_deleted_meanwhile_is_named(site, ruler, user, other):
    token = planned(ruler, user.login, other.login)
    users.delete(site.people.database, other.login, actor="test")
    number, page = said_yes(ruler, token)
    assert (number, other.login in page) == (0, True)
    assert now(site, user).user.mfa is MfaState.ENABLED


def test_a_plan_is_carried_out_once(ruler, user):
    token = planned(ruler, user.login)
    assert said_yes(ruler, token)[0] == 1
    assert ruler.place(ruler.post("/help-desk/states/set", {"token": token})) == "/help-desk/states"
