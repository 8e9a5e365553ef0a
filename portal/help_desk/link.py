"""The link with which a user registers anew: shown once to the help desk, and opened by the user."""

from datetime import timedelta

from starlette.responses import Response

from portal.log import log
from portal.visit import Visit
from store.model import User
from store.portal import links, pending, registration

_WHAT = "enrolment link"
_SHOWN_WITHIN = timedelta(minutes=10)


def show_once(visit: Visit, user: User, token: str) -> Response:
    """Put it aside for the next page, sealed.

    It's made of the configured address alone, whatever host a request has named (link poisoning).
    """
    place = visit.state.place
    value = {"login": user.login, "id": user.id, "link": f"{place.origin}{place.path}/enrol/{token}"}
    pending.put_aside(visit.state.database, visit.state.key, visit.here, _WHAT, value, _SHOWN_WITHIN)
    return visit.go_to("/help-desk/link")


def show(visit: Visit) -> Response:
    """The link. Loaded again, it's gone."""
    value = pending.take(visit.state.database, visit.state.key, visit.here, _WHAT)
    return visit.show("help_desk_link.html", **value) if value is not None else visit.go_to("/help-desk")


def ask(visit: Visit) -> Response:
    """What the user sees who opens it, after the password."""
    if registration.has_second_step(visit.state.database, visit.who.user.id):
        return visit.go_to("/methods")
    return visit.show("enrol.html", path=visit.request.url.path)


def begin(visit: Visit) -> Response:
    """From here on this session may register a second step, if the link is this user's and still good."""
    opened = links.opened(visit.state.database, visit.here, str(visit.request.path_params["link"]))
    verdict = "opened" if opened else "refused"
    log.info("enrolment link", user=visit.who.user.login, address=visit.address, verdict=verdict)
    return visit.go_to("/register") if opened else visit.show("enrol_needed.html", 403)
