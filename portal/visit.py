"""One request to a page, by somebody who may come there."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portal.state import State
from store.model import Account
from store.portal.roles import Held
from store.portal.sessions import Session

COOKIE = "__Host-wicketgate"
_PAGE = re.compile(r"/[a-z0-9/-]{0,100}(?:\?[A-Za-z0-9._~%&=+/-]{0,500})?")


class Needs(StrEnum):
    """What somebody must have done before a page is shown.

    A mail program has done nothing: it comes to the root of any host of ours, without form or session. A role
    needs the second step besides, and a fresh one wherever something can be changed. For those without it
    there is no such page.
    """

    NOTHING = "nothing"
    MAIL_PROGRAM = "a mail program"
    PASSWORD = "password"  # noqa: S105
    SECOND_STEP = "second step"
    FRESH_SECOND_STEP = "fresh second step"
    AUDITOR = "auditor"
    HELP_DESK = "help desk"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Visit:
    """`session` and `account` are there whenever the page needs more than nothing. `body` is a program's.

    `role` is the user's, as soon as the second step was done.
    """

    state: State
    request: Request
    form: Mapping[str, str]
    address: str
    session: Session | None = None
    account: Account | None = None
    body: bytes = b""
    role: Held | None = None

    @property
    def who(self) -> Account:
        assert self.account is not None, "the gate lets nobody else in here"
        return self.account

    @property
    def here(self) -> Session:
        assert self.session is not None, "the gate lets nobody else in here"
        return self.session

    @property
    def power(self) -> Held:
        assert self.role is not None, "the gate lets nobody else in here"
        return self.role

    @property
    def page(self) -> str:
        """The page that was asked for, with its query; after a form, the one where everybody begins."""
        if self.request.method != "GET":
            return "/"
        url = self.request.url
        path = url.path.removeprefix(self.state.place.path)
        if "to" in self.request.query_params:
            return self.on_the_way(path, self.destination)
        return _ours(path + (f"?{url.query}" if url.query else ""))

    @property
    def destination(self) -> str:
        """The page to go to afterwards."""
        return _ours(self.form.get("to") or self.request.query_params.get("to", ""))

    def on_the_way(self, page: str, to: str = "") -> str:
        """A page after which somebody goes on to another one; left out, to the one that was asked for."""
        return f"{page}{'&' if '?' in page else '?'}to={quote(to or self.page, safe='/')}"

    def path(self, page: str) -> str:
        """The path of a page, such as "/app-passwords"."""
        return self.state.place.path + page

    def not_found(self) -> Response:
        """As for an address that never was."""
        return self.show("not_found.html", 404)

    def show(self, template: str, status: int = 200, /, **values: Any) -> Response:
        """A page."""
        text = self.state.templates.get_template(template).render(visit=self, **values)
        return HTMLResponse(text, status)

    def go_to(self, page: str) -> Response:
        """To another page, by GET."""
        return RedirectResponse(self.path(page), 303)


def _ours(page: str) -> str:
    """One of our pages, whatever an address says (open redirect)."""
    return page if _PAGE.fullmatch(page) and "//" not in page else "/"


Handler = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """One address, what it does, and who may come.

    `guesses`: main passwords can be guessed by its form, so that its refusals all take the same time.
    `asks_others`: it waits for somebody elsewhere, and so do its visitors; nobody else may.
    """

    path: str
    needs: Needs
    get: Handler | None = None
    post: Handler | None = None
    guesses: bool = False
    asks_others: bool = False


def with_session(response: Response, token: str) -> Response:
    """The browser gets this session, until it is closed. The name's prefix binds it to this host alone."""
    response.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="lax", path="/")
    return response


def without_session(response: Response) -> Response:
    """The browser forgets its session."""
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="lax", path="/")
    return response
