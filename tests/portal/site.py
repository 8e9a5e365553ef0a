"""A portal, the Dovecot that knows the main passwords, and people: what a test of pages needs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp
from playwright.sync_api import Browser, BrowserContext, Page

from tests.gateway.people import People
from tests.servers.certificates import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.gateway import Gateway
from tests.servers.portal import Portal

MAIN = "Main password of 2026!"
MASTER = ("wicketgate", "the master's password")
SETTINGS = """
[policy]
portal_url = "https://localhost:{third}/security"
[limits]
refusal_seconds = 0.05
drain_seconds = 1
[portal]
address = "127.0.0.1:{third}"
key_file = "portal.key"
organisation = "Example University"
help = "Call 1234."
[[backend]]
protocol = "imap"
address = "localhost:PORT"
tls = "implicit"
ca_file = "CA"
login = "master"
master_user = "MASTER"
master_password_file = "secret"
"""
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1200, "height": 800}}


class Site:
    """`add` gives users of the store, who have the one main password at Dovecot."""

    def __init__(self, folder: Path, authority: Authority, dovecot: Dovecot, settings: str) -> None:
        text = settings.replace("PORT", str(dovecot.port("imap", "implicit")))
        text = text.replace('"CA"', f'"{dovecot.ca_file}"').replace("MASTER", MASTER[0])
        self.gateway = Gateway(folder, text, authority=authority)
        (folder / "secret").write_text(MASTER[1])
        self.people = People(folder)
        self.portal = Portal(self.gateway, self.gateway.third)
        self.url = self.portal.url

    def add(self, login: str, mfa: str = "enabled") -> str:
        return self.people.add(login, mfa)


class Visitor:
    """Somebody with a browser. `page` is where they are."""

    def __init__(self, site: Site, context: BrowserContext) -> None:
        self.site = site
        self.context = context
        self.page: Page = context.new_page()
        self.secret = self.code = ""  # of the authenticator app, and its last code

    def go(self, path: str = "/") -> None:
        self.page.goto(self.site.url + path)

    def sign_in(self, login: str, password: str = MAIN) -> None:
        """The first step."""
        self.go("/sign-in")
        self.page.get_by_label("User name").fill(login)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def register(self) -> list[str]:
        """Set up an authenticator app from the page where one is chosen. Returns the recovery codes."""
        self.page.get_by_role("link", name="Authenticator app").click()
        self.page.get_by_text("I can't scan it").click()
        self.secret = self.page.locator(".key").inner_text().replace(" ", "")
        self.code = pyotp.TOTP(self.secret).now()
        self.page.get_by_label("Code", exact=True).fill(self.code)
        self.page.get_by_role("button", name="Continue").click()
        return self.page.locator(".codes li").all_inner_texts()

    def sign_up(self, login: str) -> list[str]:
        """Both steps of somebody new. Returns the recovery codes."""
        self.sign_in(login)
        return self.register()

    def path(self) -> str:
        return re.sub(r"\?.*", "", self.page.url.removeprefix(self.site.url))


@contextmanager
def visitor(
    site: Site, browser: Browser, size: str = "desktop", *, scripts: bool = True
) -> Iterator[Visitor]:
    """A browser without history."""
    context = browser.new_context(
        ignore_https_errors=True,
        viewport=SIZES[size],
        java_script_enabled=scripts,  # type: ignore[arg-type]
    )
    context.set_default_timeout(10_000)
    try:
        yield Visitor(site, context)
    finally:
        context.close()
