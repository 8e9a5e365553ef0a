"""Whether a new app password works: the first login with it, or why there was none yet."""

from dataclasses import dataclass
from typing import Literal

from starlette.responses import JSONResponse, Response

from portal.app_passwords.own import asked_for
from portal.languages import translated as _
from portal.trouble.reasons import sentence
from portal.visit import Visit
from store.model import AppPassword, LastUse
from store.refused_logins import Refused, list_refused


@dataclass(frozen=True, slots=True)
class News:
    """What is known of an app password by now, as one sentence."""

    state: Literal["waiting", "refused", "connected"]
    sentence: str


def news(visit: Visit, app_password: AppPassword) -> News:
    """Read from the store, where gateways write such things every few seconds."""
    if app_password.last_used is not None:
        return News("connected", _("Connected: %(who)s") % {"who": _client(app_password.last_used)})
    refused = list_refused(visit.state.database, visit.who.user.login)
    since = [one for one in refused if one.times.last >= app_password.created_at]
    # What is known to be about this one comes before what may be another device.
    since.sort(key=lambda one: one.device.app_password_id != app_password.id)
    if since:
        return News("refused", _said(since[0], app_password))
    return News("waiting", _("Waiting for the first login with it …"))


def tell(visit: Visit) -> Response:
    """For the script of the page, which asks every few seconds."""
    found = asked_for(visit)
    if found is None:
        return JSONResponse({"state": "gone", "sentence": _("This app password was deleted.")}, 404)
    known = news(visit, found)
    return JSONResponse({"state": known.state, "sentence": known.sentence})


def show(visit: Visit) -> Response:
    """The same as a page, for browsers without scripts. The app password isn't on it any more."""
    found = asked_for(visit)
    if found is None:
        return visit.go_to("/app-passwords")
    return visit.show("connected.html", app_password=found, news=news(visit, found))


def _client(use: LastUse) -> str:
    return ", ".join(part for part in (use.client, use.protocol.upper(), use.address) if part)


def _said(one: Refused, app_password: AppPassword) -> str:
    device = one.device
    who = ", ".join(part for part in (device.client, device.protocol.upper(), device.address) if part)
    if device.app_password_id == app_password.id:
        return _("It was refused: %(who)s.") % {"who": who} + " " + _(sentence(device))
    return _("Another login was refused: %(who)s.") % {"who": who} + " " + _(sentence(device))
