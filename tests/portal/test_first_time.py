"""The first visit: main password, authenticator app, recovery codes, and the first app password."""

import pytest
from playwright.sync_api import expect

from store import users
from tests.portal.site import visitor

both_sizes = pytest.mark.parametrize("anna", ["phone", "desktop"], indirect=True)


@both_sizes
def test_from_the_main_password_to_the_first_app_password(site, anna, login):
    anna.sign_in(login)
    assert anna.path() == "/register"
    codes = anna.register()
    assert len(set(codes)) == 10
    assert users.find(site.people.database, login).mfa == "enforced"
    anna.page.get_by_role("link", name="Create my first app password").click()
    anna.page.get_by_label("Name").fill("Outlook on my laptop")
    anna.page.get_by_role("button", name="Create").click()
    expect(anna.page.get_by_role("heading", name="Your app password")).to_be_visible()
    secret = anna.page.locator(".secret").inner_text()
    assert [len(group) for group in secret.split()] == [4, 4, 4, 4]
    anna.page.reload()
    assert anna.path() == "/app-passwords"
    assert secret not in anna.page.content()
    expect(anna.page.get_by_role("rowheader", name="Outlook on my laptop")).to_be_visible()


def test_the_same_without_scripts(site, browser, login):
    with visitor(site, browser, scripts=False) as bert:
        bert.sign_up(login)
        bert.page.get_by_role("link", name="Create my first app password").click()
        bert.page.get_by_label("Name").fill("Scanner")
        bert.page.get_by_role("button", name="Create").click()
        assert bert.page.locator(".secret").inner_text()


def test_who_has_registered_is_asked_for_the_second_step(site, browser, anna, login):
    codes = anna.sign_up(login)
    with visitor(site, browser) as later:
        later.sign_in(login)
        assert later.path() == "/second-step"
        later.go("/app-passwords")
        assert later.path() == "/second-step"
        later.page.get_by_label("Code", exact=True).fill(codes[0])
        later.page.get_by_role("button", name="Continue").click()
        assert later.path() == "/app-passwords"


def test_web_01_a_code_is_taken_once(site, browser, anna, login):
    anna.sign_up(login)
    with visitor(site, browser) as later:
        later.sign_in(login)
        later.page.get_by_label("Code", exact=True).fill(anna.code)
        later.page.get_by_role("button", name="Continue").click()
        expect(later.page.get_by_role("alert")).to_contain_text("was used before")


def test_web_03_a_recovery_code_works_once(site, browser, anna, login):
    code = anna.sign_up(login)[0]
    for path in ("/", "/second-step"):
        with visitor(site, browser) as later:
            later.sign_in(login)
            later.page.get_by_label("Code", exact=True).fill(code)
            later.page.get_by_role("button", name="Continue").click()
            assert later.path() == path


def test_a_wrong_main_password_and_an_unknown_user_are_told_the_same(site, anna, login):
    said = []
    for who, password in ((login, "wrong"), ("nobody@example.test", "wrong")):
        anna.sign_in(who, password)
        said.append(anna.page.get_by_role("alert").inner_text())
    assert said[0] == said[1] == "This user name and password don't fit. Check both, and Caps Lock."
