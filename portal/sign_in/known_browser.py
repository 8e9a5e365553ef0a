"""Browsers in which a user was signed in before: strangers can't use up the guesses that are made there.

The cookie says nothing but that. It's bound to the user, and to no session: it outlives signing out.
"""

import hmac
import secrets
import time

from starlette.requests import Request
from starlette.responses import Response

from store.portal.key import PortalKey

COOKIE = "__Host-wicketgate-known"
_LASTS = 90 * 86400
_LONGEST = 200


def known_browser(request: Request, key: PortalKey, user_id: int) -> str | None:
    """What the browser is called, if that user was signed in there within the last 90 days."""
    parts = request.cookies.get(COOKIE, "")[:_LONGEST].split(".")
    if len(parts) != 3 or not parts[1].isascii() or not parts[1].isdigit():
        return None
    name, until, mark = parts
    if int(until) < time.time() or not hmac.compare_digest(_mark(key, user_id, name, until), mark.encode()):
        return None
    return name


def remember_browser(response: Response, key: PortalKey, user_id: int) -> Response:
    """The user has done both steps there."""
    name, until = secrets.token_hex(16), str(int(time.time()) + _LASTS)
    value = f"{name}.{until}.{_mark(key, user_id, name, until).decode()}"
    response.set_cookie(COOKIE, value, max_age=_LASTS, secure=True, httponly=True, samesite="lax", path="/")
    return response


def _mark(key: PortalKey, user_id: int, name: str, until: str) -> bytes:
    return key.digest(f"known browser {user_id} {name} {until}").hex().encode()
