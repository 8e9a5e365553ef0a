"""What went wrong, for programs (RFC 9457)."""

from starlette.responses import JSONResponse, Response

_TITLES = {
    400: "This can't be read",
    401: "A token is needed",
    403: "This token may not do that",
    404: "There is no such thing",
    405: "This method isn't for this address",
    409: "This can't be done as things are",
    413: "This is too large",
    415: "Only JSON is taken here",
    422: "Something in this isn't allowed",
    503: "The service is unavailable for the moment",
}
MEDIA_TYPE = "application/problem+json"


class Refused(Exception):
    """The answer is a problem. `detail` says what is allowed, and what to do next."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def problem(status: int, detail: str) -> Response:
    """The answer for it."""
    content = {"status": status, "title": _TITLES[status], "detail": detail}
    # RFC 6750, section 3.
    headers = {"WWW-Authenticate": 'Bearer realm="wicketgate"'} if status == 401 else None
    return JSONResponse(content, status, headers, media_type=MEDIA_TYPE)


def no_such_user() -> Refused:
    """For one who isn't there, and for one of other domains: nobody can tell them apart."""
    return Refused(404, "There is no such user. The address of a user ends with the login or an alias.")
