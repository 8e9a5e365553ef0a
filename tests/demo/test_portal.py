"""The demo's portal, as somebody finds it who reads what the demo tells."""

import re
from contextlib import contextmanager
from datetime import datetime

import httpx2
import pyotp
import pytest

from tests.demo.running import Demo, imap, trust

SECRET = re.compile(r'data-copy-source="([a-z]{16})"')


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    with Demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


class Visitor:
    """Keeps cookies and follows redirects."""

    def __init__(self, demo, client):
        self.url = demo.described()["portal_url"]
        self.client = client
        self.client.headers["Origin"] = self.url.removesuffix("/security")

    def get(self, path):
        return self.client.get(self.url + path).text

    def submit(self, page, path, **fields):
        """Post the form that stands on this page."""
        token = re.search(r'name="token" value="([^"]+)"', page)
        if token is not None:
            fields["token"] = token[1]
        return self.client.post(self.url + path, data=fields).text


@contextmanager
def visitor(demo):
    with httpx2.Client(verify=trust(demo), timeout=30, follow_redirects=True) as client:
        yield Visitor(demo, client)


def code(secret):
    return pyotp.TOTP(secret).at(datetime.now())


def create(visitor):
    page = visitor.get("/app-passwords/create")
    fields = {"name": "My laptop", "protocol-imap": "on", "days": ""}
    found = SECRET.search(visitor.submit(page, "/app-passwords/create", **fields))
    assert found is not None
    return found[1]


def test_fritz_signs_in_with_his_authenticator_and_makes_an_app_password(demo):
    fritz = demo.described()["users"][2]
    with visitor(demo) as browser:
        page = browser.submit("", "/sign-in", login=fritz["login"], password=fritz["main_password"])
        assert "<h1>Second step" in page
        page = browser.submit(page, "/second-step", code=code(fritz["totp_secret"]))
        assert "Outlook 2010" in browser.get("/app-passwords")
        secret = create(browser)
    with imap(demo) as client:
        assert client.login(fritz["login"], secret)[0] == "OK"


def test_enno_registers_and_is_enforced_from_then_on(demo):
    enno = demo.described()["users"][1]
    with visitor(demo) as browser:
        page = browser.submit("", "/sign-in", login=enno["login"], password=enno["main_password"])
        assert "Set up your second step" in page
        page = browser.get("/register/authenticator")
        secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", page))
        assert "recovery codes" in browser.submit(page, "/register/authenticator", code=code(secret))
        app_password = create(browser)
    with imap(demo) as client:
        with pytest.raises(client.error, match="localhost"):
            client.login(enno["login"], enno["main_password"])
        assert client.login(enno["login"], app_password)[0] == "OK"
