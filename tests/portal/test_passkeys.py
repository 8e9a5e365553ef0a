"""Passkeys in Chromium, with its virtual authenticator."""

import pytest
from playwright.sync_api import expect

from store import users
from tests.portal.passkey import VirtualPasskey
from tests.portal.site import visitor

both_sizes = pytest.mark.parametrize("anna", ["phone", "desktop"], indirect=True)


def register_passkey(anna, name=""):
    """From the page where a second step is chosen. Returns the recovery codes."""
    anna.page.get_by_role("link", name="Passkey").click()
    anna.page.get_by_label("Name").fill(name)
    anna.page.get_by_role("button", name="Create a passkey").click()
    expect(anna.page.get_by_role("heading", level=1)).to_have_text("Save your recovery codes")
    return anna.page.locator(".codes li").all_inner_texts()


@both_sizes
def test_from_the_main_password_to_signing_in_with_a_passkey(site, anna, login):
    passkey = VirtualPasskey(anna)
    anna.sign_in(login)
    assert len(set(register_passkey(anna))) == 10
    assert users.find(site.people.database, login).mfa == "enforced"
    (made,) = passkey.credentials()
    assert made["rpId"] == "localhost"
    assert login.encode() not in made["userHandle"].encode()
    anna.go()
    anna.page.get_by_role("button", name="Sign out").click()
    anna.sign_in(login)
    anna.go("/app-passwords")
    assert anna.path() == "/second-step"
    anna.page.get_by_role("button", name="Use my passkey").click()
    anna.page.wait_for_url(f"{site.url}/app-passwords")


def test_the_same_device_is_not_registered_twice(anna, login):
    VirtualPasskey(anna)
    anna.sign_in(login)
    register_passkey(anna)
    anna.go("/register/passkey")
    anna.page.get_by_role("button", name="Create a passkey").click()
    expect(anna.page.get_by_role("alert")).to_contain_text("has a passkey for your account already")


def test_who_stops_is_told_and_may_try_again(anna, login):
    stubborn = VirtualPasskey(anna, knows_user=False)
    anna.sign_in(login)
    anna.go("/register/passkey")
    anna.page.get_by_role("button", name="Create a passkey").click()
    expect(anna.page.get_by_role("alert")).to_contain_text("Try again")
    stubborn.unplug()
    VirtualPasskey(anna)
    anna.page.get_by_role("button", name="Create a passkey").click()
    expect(anna.page.get_by_role("heading", level=1)).to_have_text("Save your recovery codes")


def test_without_scripts_the_pages_say_so_and_the_authenticator_works(site, browser, login):
    with visitor(site, browser, scripts=False) as bert:
        bert.sign_in(login)
        expect(bert.page.get_by_role("link", name="Passkey")).to_contain_text("Passkeys need JavaScript")
        bert.page.get_by_role("link", name="Passkey").click()
        expect(bert.page.get_by_role("button", name="Create a passkey")).to_be_hidden()
        bert.page.get_by_role("link", name="Set up an authenticator app").click()
        assert bert.path() == "/register/authenticator"
        bert.go("/register")
        assert len(bert.register()) == 10


def test_without_scripts_a_recovery_code_stands_in_for_the_passkey(site, browser, anna, login):
    VirtualPasskey(anna)
    anna.sign_in(login)
    codes = register_passkey(anna)
    with visitor(site, browser, scripts=False) as later:
        later.sign_in(login)
        expect(later.page.get_by_text("Passkeys need JavaScript")).to_be_visible()
        expect(later.page.get_by_role("button", name="Use my passkey")).to_be_hidden()
        later.page.get_by_label("Code", exact=True).fill(codes[0])
        later.page.get_by_role("button", name="Continue").click()
        assert later.path() == "/"


def test_wa_04_a_copy_of_a_passkey_is_refused_once_the_original_was_used(site, browser, anna, login):
    original = VirtualPasskey(anna)
    anna.sign_in(login)
    register_passkey(anna)
    (made,) = original.credentials()
    for _ in range(2):
        anna.go("/second-step")
        anna.page.get_by_role("button", name="Use my passkey").click()
        anna.page.wait_for_url(f"{site.url}/")
    with visitor(site, browser) as thief:
        VirtualPasskey(thief).put(made)
        thief.sign_in(login)
        thief.page.get_by_role("button", name="Use my passkey").click()
        expect(thief.page.get_by_role("alert")).to_contain_text("wasn't accepted")
        thief.go("/app-passwords")
        assert thief.path() == "/second-step"
