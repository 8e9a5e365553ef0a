"""The one gate in front of all pages: who may come, and from where.

A page says what it needs; nothing else decides. So no page can be reached by knowing its address.
"""

import asyncio
import hmac
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from ipaddress import ip_address

from anyio import to_thread
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from portal.client_address import client_address
from portal.gone import gone
from portal.languages import marked, speaking, translated
from portal.languages.asked import language_of
from portal.log import log
from portal.sign_in.known_browser import known_browser, remember_browser
from portal.sign_in.turns import NoTurn, Turns
from portal.state import State
from portal.visit import COOKIE, Handler, Needs, Page, Visit
from store import users
from store.database import StoreUnavailable
from store.model import Account
from store.portal import registration, roles, sessions
from store.portal.roles import Held, Role
from store.portal.sessions import Session, Stage
from store.source import source_of

_MOST_FIELDS = 50
# No name or text has one, and PostgreSQL takes none.
_NO_NUL = marked("There is a NUL character in this. Leave it out.")
_REFUSALS = (403, 429)
_LONGEST_FORM = 64 * 1024
_LONGEST_DOCUMENT = 16 * 1024
_ROLES = {
    Needs.AUDITOR: Role.AUDITOR,
    Needs.HELP_DESK: Role.HELP_DESK,
    Needs.ADMINISTRATOR: Role.ADMINISTRATOR,
}
_FORM = "application/x-www-form-urlencoded"


class _TurnedAway(Exception):
    """With this answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def route(page: Page, state: State, turns: Turns) -> Route:
    """The page behind the gate. `turns` are for all pages that ask others, which may take long."""

    async def endpoint(request: Request) -> Response:
        with speaking(language_of(request)):
            return await answered(request)

    async def answered(request: Request) -> Response:
        handler = page.post if request.method == "POST" else page.get
        assert handler is not None, "other methods aren't routed here"
        try:
            if page.needs is Needs.MAIL_PROGRAM:
                visit = Visit(state, request, {}, _address(request, state), body=await _body(request))
                return await to_thread.run_sync(handler, visit)
            form = await _form(request, state)
            call = partial(_answer, page, handler, request, form, state)
            if page.asks_others or (page.guesses and request.method == "POST"):
                return await _in_turn(page, request, state, call, turns)
            return await to_thread.run_sync(call)
        except _TurnedAway as turned:
            return PlainTextResponse(str(turned), turned.status)
        except StoreUnavailable as error:
            log.error("the portal can't reach the store", error=str(error))
            visit = Visit(state, request, {}, "")
            return visit.show("unavailable.html", 503)

    methods = [name for name, one in (("GET", page.get), ("POST", page.post)) if one is not None]
    base = "" if page.needs is Needs.MAIL_PROGRAM else state.place.path
    return Route(base + page.path, endpoint, methods=methods)


async def _in_turn(
    page: Page, request: Request, state: State, call: Callable[[], Response], turns: Turns
) -> Response:
    """What `call` answers, once it may ask another server."""
    source = source_of(ip_address(_address(request, state)))
    try:
        async with turns.turn(source):
            if await request.is_disconnected():
                return await gone(request, ClientDisconnect())
            began = time.monotonic()
            response = await to_thread.run_sync(call, limiter=turns.threads)
    except NoTurn:
        # At once: that tells of others who wait, and nothing of a user.
        log.info("portal sign-in", address=_address(request, state), verdict="too many at once")
        return Visit(state, request, {}, "").show("busy.html", 503)
    if page.guesses and response.status_code in _REFUSALS:
        await asyncio.sleep(_rest_of_turn(began, state.settings.limits.refusal_seconds))
    return response


def _rest_of_turn(began: float, turn: float) -> float:
    """Seconds until a whole number of turns is over: the moment of a refusal tells nothing of who exists or
    what was asked. It's counted from the judgement on, whose begin the client can't choose."""
    elapsed = time.monotonic() - began
    return max(1, math.ceil(elapsed / turn)) * turn - elapsed if turn else 0.0


async def _form(request: Request, state: State) -> dict[str, str]:
    """The fields of a form that comes from our own pages. An empty one for GET."""
    if request.headers.get("host", "").lower() != state.place.host:
        raise _TurnedAway(421, f"This is {state.place.origin}.")
    if "\0" in request.url.path or any("\0" in value for value in request.query_params.values()):
        raise _TurnedAway(400, translated(_NO_NUL))
    if request.method != "POST":
        return {}
    if not _is_from_our_pages(request, state):
        raise _TurnedAway(403, translated("This came from another site. Open the page here and try again."))
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise _TurnedAway(415, f"Only {_FORM} is taken here.")
    if int(request.headers.get("content-length") or _LONGEST_FORM + 1) > _LONGEST_FORM:
        raise _TurnedAway(413, translated("The form is too large."))
    form: FormData = await request.form(max_fields=_MOST_FIELDS, max_files=0)
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def _body(request: Request) -> bytes:
    """What a mail program sent, whichever host of ours it asked: the answers name none but the configured."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_DOCUMENT:
            raise _TurnedAway(413, "The document is too large.")
    return body


def _is_from_our_pages(request: Request, state: State) -> bool:
    """By what browsers say themselves, and scripts of other sites can't forge (Fetch Metadata, RFC 6454)."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site != "same-origin":
        return False
    return origin == state.place.origin or (origin is None and site is not None)


def _answer(page: Page, handler: Handler, request: Request, form: dict[str, str], state: State) -> Response:
    session = _session(request, state)
    account = users.account_by_id(state.database, session.user_id) if session is not None else None
    if session is not None and (account is None or account.user.blocked or account.user.disabled):
        sessions.end_others(state.database, session.user_id)
        session = account = None
    role = _role(session, account, state)
    visit = Visit(
        state,
        request,
        form,
        _address(request, state),
        session,
        account,
        role=role,
    )
    elsewhere = _missing(page.needs, visit)
    if elsewhere is not None:
        return visit.go_to(elsewhere)
    if page.needs in _ROLES:
        if role is None or not role.reaches(_ROLES[page.needs]):
            return visit.not_found()
        if page.post is not None and not is_fresh(visit.here, state):
            return visit.go_to(visit.on_the_way("/second-step"))
    # Who signs in has no session yet, or is about to leave it.
    if request.method == "POST" and session is not None and page.needs is not Needs.NOTHING:
        _require_token(session, form)
    return _remembered(handler(visit), visit)


def _remembered(response: Response, visit: Visit) -> Response:
    """The browser of somebody who has done both steps is known from then on."""
    if visit.session is None or visit.session.stage is not Stage.SECOND_STEP:
        return response
    state, user_id = visit.state, visit.session.user_id
    if known_browser(visit.request, state.key, user_id) is None:
        remember_browser(response, state.key, user_id)
    return response


def _session(request: Request, state: State) -> Session | None:
    token = request.cookies.get(COOKIE, "")
    return sessions.find(state.database, token, state.lifetime) if 0 < len(token) <= 100 else None


def _role(session: Session | None, account: Account | None, state: State) -> Held | None:
    """The user's role, which nobody has before the second step."""
    if session is None or account is None or session.stage is not Stage.SECOND_STEP:
        return None
    return roles.held(state.database, account.user.id)


def _missing(needs: Needs, visit: Visit) -> str | None:
    """Where to go first; None for who may come in."""
    if needs is Needs.NOTHING:
        return None
    if visit.session is None or visit.account is None:
        return visit.on_the_way("/sign-in")
    if needs is Needs.PASSWORD:
        return None
    if visit.session.stage is Stage.PASSWORD:
        registered = registration.has_second_step(visit.state.database, visit.account.user.id)
        return visit.on_the_way("/second-step") if registered else "/register"
    if needs is Needs.FRESH_SECOND_STEP and not is_fresh(visit.session, visit.state):
        return visit.on_the_way("/second-step")
    return None


def is_fresh(session: Session, state: State) -> bool:
    """Whether the second step was done so lately that it isn't asked for again."""
    return session.second_at is not None and datetime.now(UTC) - session.second_at < state.fresh


def _require_token(session: Session, form: dict[str, str]) -> None:
    if not hmac.compare_digest(form.get("token", "").encode(), session.form_token.encode()):
        raise _TurnedAway(403, translated("This form is too old. Load the page again and try once more."))


def _address(request: Request, state: State) -> str:
    return client_address(request, state.settings.portal.proxies)


def account_of(visit: Visit, login: str) -> Account | None:
    """The user of that normalised login, who may sign in."""
    account = users.account(visit.state.database, login)
    if account is None or account.user.blocked or account.user.disabled:
        return None
    return account
