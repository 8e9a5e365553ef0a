"""Somebody who speaks HTTP with the portal and is no browser: quick, and able to do what browsers don't."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

import httpx2
import pyotp

from store import users
from store.hashing import Argon2
from store.portal.local_passwords import set_password
from tests.portal.site import MAIN, SETTINGS, Site

FORM = "application/x-www-form-urlencoded"
SESSION = "__Host-wicketgate"
KNOWN = "__Host-wicketgate-known"
# Dovecot takes its time for each wrong password.
LOCAL = SETTINGS.replace("[portal]", '[portal]\nsign_in = "local"')
_TOKEN = re.compile(r'name="token" value="([^"]+)"')


class Caller:
    """Keeps cookies and follows no redirect. Posts come as from the portal's own pages."""

    def __init__(self, site: Site, client: httpx2.Client) -> None:
        self.site = site
        self.client = client
        self.secret = ""
        self.codes: list[str] = []

    @property
    def cookie(self) -> str | None:
        return self.client.cookies.get(SESSION)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.client.get(self.site.url + path, headers=headers)

    def post(
        self, path: str, fields: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """As the form would; the token is in `fields` or nowhere."""
        usual = {"Origin": self.site.portal.origin}
        return self.client.post(self.site.url + path, data=fields or {}, headers=usual | dict(headers or {}))

    def token(self, page: str) -> str:
        """The form token, as that page has it."""
        found = _TOKEN.search(self.get(page).text)
        assert found is not None, f"no form on {page}"
        return found[1]

    def submit(self, path: str, fields: Mapping[str, str] | None = None, page: str = "") -> httpx2.Response:
        """Load the page, then post its form."""
        return self.post(path, {"token": self.token(page or path), **(fields or {})})

    def sign_in(self, login: str, password: str = MAIN, to: str = "") -> httpx2.Response:
        return self.post("/sign-in", {"login": login, "password": password, "to": to})

    def register(self) -> httpx2.Response:
        """An authenticator app; the recovery codes are in `codes`."""
        page = self.get("/register/authenticator").text
        self.secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))
        found = _TOKEN.search(page)
        assert found is not None
        answer = self.post("/register/authenticator", {"token": found[1], "code": self.code()})
        self.codes = re.findall(r"<li><code>([^<]+)</code>", answer.text)
        return answer

    def sign_up(self, login: str) -> None:
        """Both steps of somebody new."""
        self.sign_in(login)
        self.register()
        assert len(self.codes) == 10

    def code(self, step: int = 0) -> str:
        """The app's present code, or that of a step before or after."""
        totp = pyotp.TOTP(self.secret)
        return totp.generate_otp(totp.timecode(datetime.now()) + step)

    def second_step(self, code: str, to: str = "") -> httpx2.Response:
        return self.submit("/second-step", {"code": code, "to": to})

    def place(self, answer: httpx2.Response) -> str:
        """Where the answer leads, below the portal's address."""
        return str(answer.headers.get("location", "")).removeprefix("/security")


def give_password(site: Site, login: str) -> str:
    """The same main password as everybody has at Dovecot, where the portal looks into the store."""
    found = users.find(site.people.database, login)
    assert found is not None
    assert set_password(site.people.database, Argon2(8, 1, 1), found, MAIN, actor="test")
    return login


@contextmanager
def calling(site: Site, transport: httpx2.HTTPTransport | None = None) -> Iterator[Caller]:
    """Somebody without history. `transport`: from another address than 127.0.0.1."""
    with httpx2.Client(verify=site.gateway.client_context(), timeout=30, transport=transport) as client:
        yield Caller(site, client)
