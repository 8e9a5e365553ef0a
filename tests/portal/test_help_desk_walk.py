"""A call to the help desk, from the first word to the last, with two people at their browsers."""

import pytest
from playwright.sync_api import expect

from store import users
from store.model import MfaState
from store.portal.roles import Role
from tests.portal.caller import LOCAL
from tests.portal.desk import granted, helped, now
from tests.portal.inside import let_in
from tests.portal.site import MAIN, visitor

SETTINGS = LOCAL


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_lost_phone_is_reset_and_a_new_one_registered_by_the_link(site, browser, login, size):
    user = helped(site, login)
    with visitor(site, browser, size) as desk, visitor(site, browser, size) as anna:
        let_in(desk, granted(site, "desk", Role.HELP_DESK), "/help-desk")
        found(desk, user)
        desk.page.get_by_role("link", name="Reset").click()
        desk.page.get_by_label("Reason").fill("lost the phone")
        desk.page.get_by_role("button", name="Yes, reset it").click()
        link = desk.page.locator("[data-copy-source]").inner_text()
        desk.page.reload()
        assert desk.path() == "/help-desk"
        anna.page.goto(link)
        anna.page.get_by_label("User name").fill(user.login)
        anna.page.get_by_label("Password", exact=True).fill(MAIN)
        anna.page.get_by_role("button", name="Sign in").click()
        anna.page.get_by_role("button", name="Continue").click()
        assert len(anna.register()) == 10
        found(desk, user)
        expect(desk.page.get_by_text("10 left")).to_be_visible()
        desk.page.get_by_role("link", name="Audit log of this user").click()
        expect(desk.page.get_by_text("lost the phone")).to_be_visible()


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_user_is_looked_for_set_blocked_and_unblocked(site, browser, login, size):
    user = helped(site, login)
    with visitor(site, browser, size, scripts=False) as desk:
        let_in(desk, granted(site, "desk", Role.HELP_DESK), "/help-desk")
        found(desk, user)
        desk.page.get_by_role("link", name="Set the state").click()
        desk.page.get_by_label("State").select_option("enforced")
        desk.page.get_by_role("button", name="Yes, set it").click()
        for name in ("Block", "Unblock"):
            desk.page.get_by_role("link", name=name, exact=True).click()
            desk.page.get_by_role("button", name=f"Yes, {name.lower()}").click()
            assert now(site, user).user.blocked is (name == "Block")
        desk.page.get_by_role("link", name="Delete all app passwords").click()
        desk.page.get_by_role("button", name="Yes, delete all").click()
        expect(desk.page.get_by_text("0 of 40.")).to_be_visible()
    assert users.find(site.people.database, login).mfa is MfaState.ENFORCED


def found(desk, user):
    """Open the user's page as people do."""
    desk.go("/help-desk")
    desk.page.get_by_label("User name or alias").fill(user.login[:-3])
    desk.page.get_by_role("button", name="Search").click()
    desk.page.get_by_role("link", name=user.login, exact=True).click()
    expect(desk.page.get_by_role("heading", name=user.login)).to_be_visible()
