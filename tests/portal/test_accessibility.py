"""Every page, as people with a phone, a keyboard or a screen reader have it (WCAG 2.2 AA).

Screenshots of all of them lie in build/screenshots afterwards.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from portal.pages import PAGES
from portal.visit import Needs
from store import users
from store.portal import links, roles, tokens
from store.portal.roles import Role
from store.portal.tokens import TokenRole
from store.refused_logins import Device, RefusedLogins
from tests.portal.inside import MAIL, let_in, session
from tests.portal.site import MAIN, SIZES, Visitor, visitor

SETTINGS = MAIL
PICTURES = Path(__file__).parents[2] / "build" / "screenshots"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
NARROWEST = {"width": 320, "height": 640}  # WCAG 2.2, 1.4.10
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
    site.people.give(login, name="Old phone", deleted=True)
    noted = RefusedLogins(database)
    user = users.find(database, login)
    noted.note(_device(user.id, given.id))
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
    assert reader.page.locator("h1").count() == 1
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
    reader.go("/nowhere")
    look(reader, "no such page")
    reader.go("/app-passwords/create")
    reader.page.get_by_label("Name").fill(" ")
    reader.page.get_by_role("button", name="Create").click()
    expect(reader.page.get_by_role("alert")).to_be_visible()
    look(reader, "a name is missing")


def test_the_first_visit_goes_by_the_keyboard_alone(site, browser, login):
    """Each step is reached by Tab, is seen to have the focus, and works by Enter."""
    with visitor(site, browser) as anna:
        anna.go("/sign-in")
        tab_to(anna, "User name")
        anna.page.keyboard.type(login)
        tab_to(anna, "Password")
        anna.page.keyboard.type(MAIN)
        anna.page.keyboard.press("Enter")
        anna.page.wait_for_url("**/register")
        tab_to(anna, "Authenticator app")
        anna.page.keyboard.press("Enter")
        anna.page.wait_for_url("**/register/authenticator")
        tab_to(anna, "Code")


def tab_to(visitor: Visitor, name: str) -> None:
    """Press Tab until what has this name has the focus, and shows it."""
    focused = "document.activeElement"
    for _ in range(30):
        said = visitor.page.evaluate(
            f"({focused}.labels?.[0] ?? {focused}).innerText.trim() || {focused}.getAttribute('aria-label')"
        )
        if (
            said is not None
            and said.startswith(name)
            and visitor.page.evaluate(f"{focused} != document.body")
        ):
            outline = visitor.page.evaluate(f"getComputedStyle({focused}).outlineStyle")
            assert outline != "none", f"nobody sees that {name} has the focus"
            return
        visitor.page.keyboard.press("Tab")
    raise AssertionError(f"Tab never comes to {name}")


def look(visitor: Visitor, name: str) -> None:
    """Ask axe at both sizes, once dark and once light; nothing is wider than the narrowest screen."""
    page = visitor.page
    expect(page).to_have_title(re.compile(r"\S"))
    assert page.locator("html").get_attribute("lang")
    for size, scheme in (
        ("phone", "dark"),
        ("desktop", "light"),
    ):
        page.set_viewport_size(SIZES[size])
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(page, options={**RULES, "resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{name}, {size}, {scheme}: {found.generate_report()}"
        PICTURES.mkdir(parents=True, exist_ok=True)
        picture = re.sub(r"[^a-z]+", "-", re.sub(r"s?/{\w+}", "", name)).strip("-") or "overview"
        page.screenshot(path=PICTURES / f"{picture}-{size}-{scheme}.png", full_page=True)
    page.set_viewport_size(NARROWEST)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= NARROWEST["width"], f"{name} is {width} wide"


def _device(user_id: int, app_password_id: str) -> Device:
    return Device(user_id, "imap", "Thunderbird", "192.0.2.7", "deleted", app_password_id)
