"""Every page, as people with a phone, a keyboard or a screen reader have it (WCAG 2.2 AA).

Screenshots of all of them lie in build/screenshots afterwards.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from portal.pages import PAGES
from portal.trouble.reasons import LOCKED_OUT
from portal.visit import Needs
from store import users
from store.model import MfaState
from store.portal import links, roles, tokens
from store.portal.roles import Role
from store.portal.tokens import TokenRole
from store.refused_logins import Device, RefusedLogins
from tests.portal.inside import MAIL, let_in, session
from tests.portal.looking import look
from tests.portal.site import Visitor, visitor

SETTINGS = MAIL
MET = "met on the way"

# By the page's path: where it's opened. What is only met on the way has tests of its own below.
OPENED = {
    "/": "/",
    "/sign-in": "/sign-in",
    "/second-step": "/second-step",
    "/register/passkey": MET,
    "/register/authenticator": MET,
    "/register": MET,
    "/methods": "/methods",
    "/methods/rename": MET,
    "/methods/remove": MET,
    "/recovery-codes": "/recovery-codes",
    "/sessions": "/sessions",
    "/app-passwords": "/app-passwords",
    "/app-passwords/create": "/app-passwords/create?for=outlook",
    "/app-passwords/new": MET,
    "/app-passwords/connected": "/app-passwords/connected?id={id}",
    "/app-passwords/rename": "/app-passwords/rename?id={id}",
    "/app-passwords/delete": "/app-passwords/delete?id={id}",
    "/app-passwords/delete-all": "/app-passwords/delete-all",
    "/setup": "/setup",
    "/trouble": "/trouble",
    "/enrol/{link}": "/enrol/{link}",
    "/help-desk": "/help-desk",
    "/help-desk/policy": "/help-desk/policy",
    "/help-desk/audit": "/help-desk/audit",
    "/help-desk/states": "/help-desk/states",
    "/help-desk/tokens": "/help-desk/tokens",
    "/help-desk/tokens/new": MET,
    "/help-desk/tokens/revoke": "/help-desk/tokens/revoke?name=page",
    "/help-desk/link": MET,
    "/help-desk/users/{id}": "/help-desk/users/{user}",
    "/help-desk/users/{id}/mfa": "/help-desk/users/{user}/mfa",
    "/help-desk/users/{id}/delete-app-passwords": "/help-desk/users/{user}/delete-app-passwords",
    "/help-desk/users/{id}/reset": "/help-desk/users/{user}/reset",
    "/help-desk/users/{id}/unlock": "/help-desk/users/{user}/unlock",
    "/help-desk/users/{id}/unpin": "/help-desk/users/{user}/unpin",
    "/help-desk/users/{id}/block": "/help-desk/users/{user}/block",
    "/help-desk/users/{id}/unblock": "/help-desk/users/{user}/unblock",
}
NO_PAGES = {
    "/sign-in/oidc",
    "/sign-in/oidc/callback",
    "/app-passwords/connected.json",
    "/setup/mail.mobileconfig",
    "/help-desk/audit.csv",
}


@pytest.fixture(scope="module")
def words(site) -> dict[str, object]:
    """What is filled into addresses: things of a user who has some of everything."""
    database = site.people.database
    login = site.add("many@example.test")
    session(site, login)
    given = site.people.give(login, name="Outlook on my laptop")
    old = site.people.give(login, name="Old phone", deleted=True)
    noted = RefusedLogins(database)
    user = users.find(database, login)
    noted.note(Device(user.id, "imap", "Old phone", "192.0.2.7", "deleted", old.id))
    noted.note(Device(user.id, "smtp", "Scanner", "192.0.2.8", LOCKED_OUT, ""))
    noted.flush()
    roles.grant(database, user.id, Role.ADMINISTRATOR, actor="test")
    other = users.find(database, site.add("helped@example.test"))
    site.people.give(other.login, name="Scanner")
    tokens.create(database, "page", TokenRole.SELF_SERVICE, actor="test")
    link = links.reset_methods(database, user.id, actor="test")
    session(site, login)
    return {"login": login, "id": given.id, "user": other.id, "link": link}


@pytest.fixture(scope="module")
def reader(site, browser, words) -> Iterator[Visitor]:
    """Signed in, with every right."""
    with visitor(site, browser) as found:
        let_in(found, words["login"])
        yield found


def test_every_page_is_looked_at():
    shown = {page.path for page in PAGES if page.get is not None and page.needs is not Needs.MAIL_PROGRAM}
    assert set(OPENED) == shown - NO_PAGES


@pytest.mark.parametrize("path", [path for path, where in OPENED.items() if where != MET])
def test_axe_finds_nothing(reader, words, path):
    reader.go(OPENED[path].format(**words))
    look(reader, path)


def test_axe_finds_nothing_on_the_first_visit(site, browser, login):
    with visitor(site, browser) as anna:
        anna.sign_in(login)
        look(anna, "/register")
        anna.go("/register/passkey")
        look(anna, "/register/passkey")
        anna.go("/register")
        anna.page.get_by_role("link", name="Authenticator app").click()
        look(anna, "/register/authenticator")
        anna.go("/register")
        anna.register()
        look(anna, "recovery codes")
        anna.page.get_by_role("link", name="Create my first app password").click()
        anna.page.get_by_label("Name").fill("Outlook on my laptop")
        anna.page.get_by_role("button", name="Create").click()
        expect(anna.page.get_by_role("heading", name="Your app password")).to_be_visible()
        look(anna, "your app password")
        for words in ("Rename", "Remove"):
            anna.go("/methods")
            anna.page.get_by_role("link", name=words).first.click()
            look(anna, f"{words.lower()} a method")


def test_axe_finds_nothing_in_what_goes_wrong(site, browser, reader):
    with visitor(site, browser) as anna:
        anna.sign_in("nobody@example.test", "wrong")
        look(anna, "wrong password")
        anna.go("/setup/mail.mobileconfig?key=used-up")
        look(anna, "profile gone")
    reader.go("/nowhere")
    look(reader, "no such page")
    reader.go("/app-passwords/create")
    reader.page.get_by_label("Name").fill(" ")
    reader.page.get_by_role("button", name="Create").click()
    expect(reader.page.get_by_role("alert")).to_be_visible()
    look(reader, "a name is missing")


def test_axe_finds_nothing_for_who_has_too_many_too_few_or_nothing(site, browser, login):
    with visitor(site, browser) as anna:
        let_in(anna, login, "/app-passwords")
        look(anna, "no app password yet")
        anna.go("/trouble")
        look(anna, "no trouble")
        anna.go("/methods")
        anna.page.get_by_role("link", name="Remove").click()
        users.set_mfa(site.people.database, login, MfaState.ENFORCED, actor="test")
        anna.page.reload()
        expect(anna.page.get_by_role("heading", level=1)).to_contain_text("your only second step")
        look(anna, "the only method")
        for number in range(40):
            site.people.give(login, name=f"Device {number}")
        anna.go("/app-passwords/create")
        expect(anna.page.get_by_role("heading", level=1)).to_have_text("Delete one first")
        look(anna, "delete one first")


def test_axe_finds_nothing_on_the_way_back_to_a_second_step(site, browser, login):
    with visitor(site, browser) as anna:
        anna.sign_up(login)
        anna.page.get_by_role("button", name="Sign out").click()
        anna.sign_in(login)
        anna.page.get_by_label("Code", exact=True).fill("no code")
        anna.page.get_by_role("button", name="Continue").click()
        expect(anna.page.get_by_role("alert")).to_be_visible()
        look(anna, "wrong code")
        links.reset_methods(site.people.database, users.find(site.people.database, login).id, actor="test")
        anna.sign_in(login)
        expect(anna.page.get_by_role("heading", level=1)).to_have_text("Your second step was reset")
        look(anna, "second step was reset")


def test_axe_finds_nothing_in_what_the_help_desk_does(site, browser, reader, words, login):
    page = reader.page
    reader.go("/help-desk/states")
    page.get_by_label("CSV").fill("login,mfa\nnobody@example.test,none\n")
    page.get_by_role("button", name="Show what would be done").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(reader, "a CSV file with mistakes")
    page.get_by_label("CSV").fill(f"login,mfa\n{login},enforced\n")
    page.get_by_role("button", name="Show what would be done").click()
    look(reader, "what a CSV file would do")
    page.get_by_role("button", name="Yes, set them").click()
    look(reader, "what a CSV file did")
    reader.go("/help-desk/tokens")
    page.get_by_label("Name").fill("the identity provider")
    page.get_by_role("button", name="Make").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your token")
    look(reader, "a token")
    reader.go("/help-desk/users/{user}/reset".format(**words))
    page.locator("main form").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("The link for")
    look(reader, "an enrolment link")


def test_axe_finds_nothing_where_a_higher_role_stands_in_the_way(site, browser, words, login):
    database = site.people.database
    roles.grant(database, users.find(database, login).id, Role.HELP_DESK, actor="test")
    administrator = users.find(database, words["login"]).id
    with visitor(site, browser) as anna:
        let_in(anna, login, f"/help-desk/users/{administrator}/block")
        expect(anna.page.get_by_role("heading", level=1)).to_have_text("This isn't yours to do")
        look(anna, "a higher role")
