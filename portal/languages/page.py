"""Choosing a language, which stands at the foot of every page."""

from starlette.responses import Response

from portal.languages.asked import COOKIE
from portal.languages.speaking import NAMES
from portal.visit import Visit

_A_YEAR = 365 * 86400


def choose(visit: Visit) -> Response:
    """From now on this one, and back to where it was chosen."""
    response = visit.go_to(visit.destination)
    language = visit.form.get("language", "")
    if language in NAMES:
        response.set_cookie(
            COOKIE, language, max_age=_A_YEAR, secure=True, httponly=True, samesite="lax", path="/"
        )
    return response
