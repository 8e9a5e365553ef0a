"""Registering an authenticator app: scan, type the code, save the recovery codes."""

from datetime import timedelta

import pyotp
import segno
from markupsafe import Markup
from starlette.responses import Response

from portal.languages import marked
from portal.second_step.registered import chosen_name, finish, not_fresh, only_first
from portal.visit import Visit
from store.portal import pending, registration
from store.portal.authenticators import new_secret, step_of

_WHAT = "authenticator"
_LASTS = timedelta(minutes=15)


def choose(visit: Visit) -> Response:
    """Which second step."""
    return not_fresh(visit) or visit.show("register.html")


def show(visit: Visit) -> Response:
    """A new secret, as a QR code and in letters."""
    return not_fresh(visit) or _offer(visit, new_secret(), "")


def verify(visit: Visit) -> Response:
    """The first code shows that the app has the secret."""
    if (elsewhere := not_fresh(visit)) is not None:
        return elsewhere
    state, user = visit.state, visit.who.user
    put_aside = pending.take(state.database, state.key, visit.here, _WHAT)
    if put_aside is None:
        return visit.go_to("/register/authenticator")
    secret = str(put_aside["secret"])
    step = step_of(secret, visit.form.get("code", ""))
    if step is None:
        return _offer(
            visit, secret, marked("This code isn't right. Wait for the app's next one, then try again.")
        )
    codes = registration.register_authenticator(
        state.database,
        state.key,
        user.id,
        chosen_name(visit, marked("Authenticator app")),
        secret,
        step,
        only_first=only_first(visit),
        session=visit.here.digest,
        actor=f"portal:{user.login}",
    )
    return finish(visit, codes)


def _offer(visit: Visit, secret: str, error: str) -> Response:
    state = visit.state
    pending.put_aside(state.database, state.key, visit.here, _WHAT, {"secret": secret}, _LASTS)
    issuer = state.settings.portal.organisation or state.place.host
    address = pyotp.TOTP(secret).provisioning_uri(name=visit.who.user.login, issuer_name=issuer)
    picture = segno.make(address, error="m").svg_inline(scale=5, border=2, svgclass="qr", lineclass=None)
    values = {"picture": Markup(picture), "secret": secret, "address": address, "error": error}  # noqa: S704
    return visit.show("register_authenticator.html", 200 if not error else 403, **values)
