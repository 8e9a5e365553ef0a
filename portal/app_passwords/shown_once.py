"""The one page on which a new app password can be read. Loaded again, it's gone."""

from datetime import timedelta

from starlette.responses import Response

from portal.app_passwords.connected import news
from portal.app_passwords.own import own_live
from portal.setup.guides import guides
from portal.setup.profile_link import profile_link
from portal.visit import Visit
from store.portal import pending

_WHAT = "app password"
_LASTS = timedelta(minutes=10)


def show_once(visit: Visit, id: str, secret: str, guide: str) -> None:
    """Put it aside for the next page, sealed. `guide` is the part of the setup that is open there."""
    state, value = visit.state, {"id": id, "secret": secret, "guide": guide}
    pending.put_aside(state.database, state.key, visit.here, _WHAT, value, _LASTS)


def show(visit: Visit) -> Response:
    """The app password, in groups of four, and how to enter it."""
    state = visit.state
    put_aside = pending.take(state.database, state.key, visit.here, _WHAT)
    found = own_live(visit, str(put_aside["id"])) if put_aside is not None else None
    if put_aside is None or found is None:
        return visit.go_to("/app-passwords")
    secret = str(put_aside["secret"])
    return visit.show(
        "shown_once.html",
        app_password=found,
        secret=secret,
        news=news(visit, found),
        guides=guides(visit, found.scopes),
        opened=put_aside["guide"],
        profile=profile_link(visit, found, secret),
    )
