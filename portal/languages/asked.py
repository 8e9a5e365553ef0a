"""Which language somebody reads: what was chosen on a page, else what the browser asks for."""

from babel.core import UnknownLocaleError, negotiate_locale
from starlette.requests import Request

from portal.languages.speaking import ENGLISH, NAMES

COOKIE = "__Host-wicketgate-language"
_MOST = 20  # so many languages of a browser are looked at


def language_of(request: Request) -> str:
    """One that we have."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in NAMES:
        return chosen
    try:
        return negotiate_locale(_accepted(request), list(NAMES), sep="-") or ENGLISH
    except (UnknownLocaleError, ValueError):
        return ENGLISH


def _accepted(request: Request) -> list[str]:
    """The browser's languages, the dearest first (RFC 9110, section 12.5.4)."""
    weighed: list[tuple[float, str]] = []
    for one in request.headers.get("accept-language", "").split(",")[:_MOST]:
        # White space may stand around the semicolon, and "Q" is as good as "q".
        tag, _, weight = "".join(one.split()).lower().partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag.partition("-")[0]))
        except ValueError:
            continue
    return [tag for weight, tag in sorted(weighed, key=lambda one: one[0]) if tag and weight]
