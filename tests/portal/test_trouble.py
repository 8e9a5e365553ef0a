"""The page for those whose app password isn't working."""

import imaplib
import time

import pytest
from playwright.sync_api import expect

from gateway.judgement import Refusal, Why
from gateway.refused import OBSERVED_SLUG
from portal.trouble.reasons import REASONS
from store import app_passwords, audit, users
from store.model import MfaState
from store.refused_logins import Device, RefusedLogins, list_refused
from tests.portal.inside import MAIL, inside, let_in, mail_program
from tests.portal.site import MAIN, visitor

SETTINGS = MAIL + "[throttle]\nfailures_per_user_and_source = 3\n"
both_sizes = pytest.mark.parametrize("anna", ["phone", "desktop"], indirect=True)


@pytest.fixture
def refuse(site, login):
    """Notes refusals as a gateway does."""
    user = users.find(site.people.database, login)

    def note(client, address="192.0.2.7", protocol="imap", reason="app-password-required", id="", times=1):
        noted = RefusedLogins(site.people.database)
        for _ in range(times):
            noted.note(Device(user.id, protocol, client, address, reason, id))
        noted.flush()

    return note


def test_every_reason_that_gateways_note_has_a_sentence():
    """Apart from outages, which are noted of nobody, and from what no known user is refused for."""
    never = {Why.MALFORMED, Why.UNKNOWN_USER, Why.NOT_IN_UNKNOWN_DOMAINS, Why.ODD_NAME, Why.LOOKALIKE}
    never.add(Why.BACKEND_KNOWS_ANOTHER)
    noted = {why.slug for why in Why if why.kind is not Refusal.UNAVAILABLE and why not in never}
    assert noted | {OBSERVED_SLUG} == set(REASONS)


@both_sizes
def test_the_old_phone_and_the_main_password_are_told_apart(site, anna, login):
    deleted = site.people.give(login, "Old phone", deleted=True)
    users.set_mfa(site.people.database, login, MfaState.ENFORCED, actor="test")
    site.gateway.start()
    try:
        for secret, client in ((deleted.secret, "iPhone Mail"), (MAIN, "Outlook")):
            with pytest.raises(imaplib.IMAP4.error), mail_program(site.gateway, login, secret, client):
                pass
    finally:
        site.gateway.stop()  # which writes what it noted
    let_in(anna, login)
    anna.page.get_by_role("link", name="My app password isn't working").click()
    sections = anna.page.locator("section.trouble")
    expect(sections).to_have_count(2)
    phone, outlook = (sections.filter(has_text=client) for client in ("iPhone Mail", "Outlook"))
    expect(phone).to_contain_text("Old phone: It still uses an app password that was deleted.")
    expect(phone).to_contain_text("IMAP, once, last just now")
    expect(outlook).to_contain_text("It uses the password of your account")
    outlook.get_by_role("link", name="Create a new one").click()
    assert anna.path() == "/app-passwords/create"


def test_a_device_has_all_its_problems_in_one_place(site, login, refuse):
    id = site.people.give(login, "Scanner", scopes=["smtp"]).id
    refuse("MFP", times=7)
    refuse("MFP", protocol="smtp", times=5)
    refuse("MFP", reason="protocol-out-of-scope", id=id)
    refuse("MFP", address="192.0.2.8", reason="too-many-sessions")
    with inside(site, login) as anna:
        page = anna.get("/trouble").text
    assert page.count('class="card trouble"') == 2
    assert "12 times" in page
    assert "<strong>Scanner</strong>: Its app password isn&#39;t for this." in page
    assert page.count(">Create a new one<") == 1


def test_what_is_dismissed_comes_back_when_it_fails_again(site, browser, login, refuse):
    refuse("Old phone")
    refuse("Laptop", "2001:db8::7")
    with visitor(site, browser, "phone", scripts=False) as bert:
        let_in(bert, login, "/trouble")
        bert.page.get_by_role("button", name="Dismiss Old phone at 192.0.2.7").click()
        expect(bert.page.locator("section.trouble")).to_have_count(1)
        expect(bert.page.locator("section.trouble")).to_contain_text("Laptop")
        refuse("Old phone")
        bert.page.reload()
        expect(bert.page.locator("section.trouble")).to_have_count(2)
    assert len(list_refused(site.people.database, login)) == 2


def answer(site, login, secret):
    """What the gateway says to a phone; empty for who comes in."""
    try:
        with mail_program(site.gateway, login, secret, "Old phone"):
            return ""
    except imaplib.IMAP4.error as error:
        return str(error)


def wait_for(asked, seconds=20):
    """The first true answer. Gateways write what they noted, and follow the store, after a moment."""
    end = time.monotonic() + seconds
    while not (found := asked()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def test_who_is_locked_out_sees_why_gets_in_by_an_app_password_and_unlocks(site, login):
    given = site.people.give(login, "Laptop")
    with inside(site, login) as anna, site.gateway:
        assert all("AUTHENTICATIONFAILED" in answer(site, login, f"wrong {number}") for number in range(3))
        assert "LIMIT" in answer(site, login, "wrong again")
        page = wait_for(lambda: ">Unlock<" in (page := anna.get("/trouble").text) and page)
        assert "There were too many wrong passwords from this device or its network" in page
        assert ">Create a new one<" in page
        assert answer(site, login, given.secret) == ""
        assert "LIMIT" in answer(site, login, "wrong again")
        done = anna.submit("/trouble/unlock", page="/trouble")
        assert "Your wrong passwords are forgotten" in anna.get(anna.place(done)).text
        wait_for(lambda: "AUTHENTICATIONFAILED" in answer(site, login, "wrong again"))
    newest = audit.entries(site.people.database, login, 1)[0]
    assert (newest.actor, newest.action) == (f"portal:{login}", "unlocked")


def test_nothing_refused_says_so(site, login):
    with inside(site, login) as anna:
        assert "None of your devices was refused lately" in anna.get("/trouble").text


class TestAttacks:
    def test_web_08_nobody_sees_or_dismisses_what_is_of_others(self, site, login, refuse):
        refuse("Secret device")
        other = site.add(f"other-of-{login}")
        with inside(site, login) as anna, inside(site, other) as eve:
            key = anna.get("/trouble").text.partition('name="device" value="')[2].partition('"')[0]
            assert len(key) == 64
            assert "Secret device" not in eve.get("/trouble").text
            eve.submit("/trouble/dismiss", {"device": key}, "/trouble")
            assert "Secret device" in anna.get("/trouble").text

    def test_web_09_what_devices_call_themselves_is_text(self, site, anna, login, refuse):
        said = []
        anna.page.on("dialog", lambda dialog: said.append(dialog) or dialog.dismiss())
        id = site.people.give(login, "<u>name</u>").id
        name = '<script>alert(1)</script><img src=x onerror=alert(2)>" onfocus=alert(3) x="'
        refuse(name, address="<i>192.0.2.7</i>", reason="network-out-of-scope", id=id)
        let_in(anna, login, "/trouble")
        expect(anna.page.locator("section.trouble h2")).to_have_text(f"{name} <i>192.0.2.7</i>")
        expect(anna.page.locator("section.trouble strong")).to_have_text("<u>name</u>")
        assert anna.page.locator("section.trouble :is(script, img, i, u)").count() == 0
        anna.go(f"/app-passwords/connected?id={id}")
        expect(anna.page.locator(".news")).to_contain_text(name)
        assert said == []

    def test_a_deleted_users_devices_are_forgotten_with_the_user(self, site, login, refuse):
        refuse("Phone")
        with inside(site, login) as anna:
            page = anna.get("/trouble").text
            key = page.partition('name="device" value="')[2].partition('"')[0]
            anna.submit("/trouble/dismiss", {"device": key}, "/trouble")
        found = users.find(site.people.database, login)
        assert users.delete(site.people.database, login, actor="test")
        assert app_passwords.list_app_passwords(site.people.database, found.id) == []
