"""Creating one: a name, what it is for, how long, from where."""

from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from config import Network, ProtocolName, parse_network
from portal.app_passwords.policy import counted, held, may_create, offered
from portal.app_passwords.presets import PRESETS, preset
from portal.app_passwords.shown_once import show_once
from portal.languages import translated
from portal.log import log
from portal.visit import Visit
from store import app_passwords
from store.app_passwords import InvalidName, LimitReached
from store.model import AppPassword

_DAYS = {"": None, "30": 30, "90": 90, "365": 365}
_MOST_NETWORKS = 20


class _Wrong(Exception):
    """Something in the form; the message says what is allowed."""


def show(visit: Visit) -> Response:
    """The form, or why there is none."""
    if not may_create(visit):
        return visit.show("not_allowed.html", 403)
    return _form(visit, "", 200)


def create(visit: Visit) -> Response:
    """Make it, and show it once on the next page."""
    if not may_create(visit):
        return visit.show("not_allowed.html", 403)
    try:
        made = _made(visit)
    except (InvalidName, _Wrong) as error:
        return _form(visit, str(error), 400)
    if isinstance(made, LimitReached):
        return _limit_reached(visit)
    app_password, secret = made
    log.info(
        "app password created",
        user=visit.who.user.login,
        app_password_id=app_password.id,
        address=visit.address,
    )
    chosen = preset(visit.form.get("for", ""))
    show_once(visit, app_password.id, secret, chosen.guide if chosen else "")
    return visit.go_to("/app-passwords/new")


def _made(visit: Visit) -> tuple[AppPassword, str] | LimitReached:
    state, user = visit.state, visit.who.user
    return app_passwords.create(
        state.database,
        state.pepper,
        state.argon2,
        user.id,
        visit.form.get("name", "").strip(),
        _scopes(visit),
        _networks(visit.form.get("networks", "")),
        _expiry(visit.form.get("days", "")),
        limit=state.settings.policy.max_app_passwords,
        actor=f"portal:{user.login}",
    )


def _form(visit: Visit, error: str, status: int) -> Response:
    if counted(visit) >= visit.state.settings.policy.max_app_passwords:
        return _limit_reached(visit)
    protocols = offered(visit)
    wanted = preset(visit.form.get("for", "") or visit.request.query_params.get("for", ""))
    preset_protocols = wanted.protocols if wanted else protocols
    chosen = [
        one for one in protocols if (f"protocol-{one}" in visit.form if error else one in preset_protocols)
    ]
    return visit.show(
        "create.html",
        status,
        error=error,
        form=visit.form,
        protocols=protocols,
        chosen=chosen,
        presets=[one for one in PRESETS if set(one.protocols) & set(protocols)],
        preset=wanted,
        name=visit.form.get("name", wanted.name if wanted else ""),
        counted=counted(visit),
        limit=visit.state.settings.policy.max_app_passwords,
    )


def _limit_reached(visit: Visit) -> Response:
    """Those that can best be spared first: never used, or not for long."""
    live = sorted(held(visit), key=lambda one: one.last_used.at if one.last_used else one.created_at)
    limit = visit.state.settings.policy.max_app_passwords
    return visit.show("limit.html", 200, live=live, limit=limit)


def _scopes(visit: Visit) -> list[ProtocolName]:
    scopes = [one for one in offered(visit) if f"protocol-{one}" in visit.form]
    if not scopes:
        raise _Wrong("Choose at least one thing that it is for.")
    return scopes


def _expiry(days: str) -> datetime | None:
    if days not in _DAYS:
        raise _Wrong("Choose how long it is to last.")
    number = _DAYS[days]
    return datetime.now(UTC) + timedelta(days=number) if number is not None else None


def _networks(text: str) -> list[Network]:
    words = text.replace(",", " ").split()
    if len(words) > _MOST_NETWORKS:
        raise _Wrong(translated("At most %(number)s networks are allowed.") % {"number": _MOST_NETWORKS})
    try:
        return [parse_network(word) for word in words]
    except ValueError:
        raise _Wrong("A network is written as in 192.0.2.0/24, an address as in 192.0.2.7.") from None
