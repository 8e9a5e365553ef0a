"""How to enter an app password in which program, for those who look it up later."""

from starlette.responses import Response

from portal.app_passwords.policy import PROTOCOLS, is_shown
from portal.setup.guides import guides
from portal.visit import Visit


def show(visit: Visit) -> Response:
    """All programs. No app password is on this page: none can be shown again."""
    if not is_shown(visit):
        return visit.show("not_allowed.html", 403)
    opened = visit.request.query_params.get("for", "")
    return visit.show("setup.html", guides=guides(visit, PROTOCOLS), opened=opened)
