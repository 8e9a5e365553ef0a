"""People who have done both steps a moment ago, without the time that it takes, and their mail program."""

import contextlib
import imaplib
from collections.abc import Iterator
from contextlib import contextmanager

from store import app_passwords, users
from store.model import AppPassword
from store.portal import registration, sessions
from store.portal.authenticators import new_secret
from store.portal.key import load_portal_key
from store.portal.sessions import Stage
from tests.portal.caller import SESSION, Caller, calling
from tests.portal.site import SETTINGS, Site, Visitor
from tests.servers.gateway import Gateway

# People read and send. What stands behind SMTP is of no interest here.
MAIL = (
    SETTINGS
    + """
[[backend]]
protocol = "smtp"
address = "localhost:1"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
[public]
host = "localhost"
"""
)


def session(site: Site, login: str) -> str:
    """The cookie of a session, fresh from the second step."""
    found = users.find(site.people.database, login)
    assert found is not None
    if not registration.has_second_step(site.people.database, found.id):
        key = load_portal_key(site.gateway.folder / "portal.key")
        registration.register_authenticator(
            site.people.database, key, found.id, "App", new_secret(), 1, actor="test"
        )
    return sessions.begin(site.people.database, found.id, Stage.SECOND_STEP, "127.0.0.1", "test")


def let_in(visitor: Visitor, login: str, path: str = "/app-passwords") -> None:
    """This browser is signed in."""
    cookie = {"name": SESSION, "value": session(visitor.site, login), "url": visitor.site.portal.origin}
    visitor.context.add_cookies([{**cookie, "secure": True}])  # type: ignore[list-item]
    visitor.go(path)


@contextmanager
def inside(site: Site, login: str) -> Iterator[Caller]:
    """The same without a browser."""
    with calling(site) as caller:
        caller.client.cookies.set(SESSION, session(site, login), domain="localhost.local")
        yield caller


def named(site: Site, login: str) -> dict[str, AppPassword]:
    """The user's app passwords that aren't deleted, by name."""
    found = users.find(site.people.database, login)
    assert found is not None
    return {one.name: one for one in app_passwords.list_app_passwords(site.people.database, found.id)}


@contextmanager
def mail_program(gateway: Gateway, login: str, secret: str, client: str = "") -> Iterator[imaplib.IMAP4_SSL]:
    """Raises imaplib's error when it can't log in."""
    imap = imaplib.IMAP4_SSL("localhost", gateway.imaps, ssl_context=gateway.client_context(), timeout=20)
    with contextlib.ExitStack() as stack:
        stack.callback(imap.shutdown)
        if client:
            imap.xatom("ID", f'("name" "{client}")')
        imap.login(login, secret)
        yield imap
