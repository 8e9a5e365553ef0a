"""A request for metrics or health, read strictly (RFC 9112). What isn't plain is refused."""

import re
from dataclasses import dataclass
from http import HTTPStatus

from gateway.metrics.reply import Reply, said

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 (RFC 9110, section 5.6.2)
_LINE = re.compile(rf"({_TOKEN}) (/[!-~]*) HTTP/1\.([01])")
_FIELD = re.compile(rf"({_TOKEN}):([\t -~\x80-\xff]*)")


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is without a query; nothing here has any."""

    method: str
    path: str
    accept: str


def parse(head: bytes) -> Request | Reply:
    """The request of these octets, which end with the empty line; or how it is refused."""
    first, *rest = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    line = _LINE.fullmatch(first)
    fields = _fields(rest)
    if line is None or fields is None:
        return said(HTTPStatus.BAD_REQUEST, "This is no request of HTTP/1.0 or HTTP/1.1.")
    method, target, minor = line.groups()
    # RFC 9112, section 3.2: a request of HTTP/1.1 without a Host, or with two of them, gets 400.
    if len(fields.get("host", ())) > 1 or (minor == "1" and "host" not in fields):
        return said(HTTPStatus.BAD_REQUEST, "A request has one Host.")
    if method not in ("GET", "HEAD"):
        return said(HTTPStatus.METHOD_NOT_ALLOWED, "Allowed are GET and HEAD.")
    if "transfer-encoding" in fields or fields.get("content-length", ["0"]) != ["0"]:
        return said(HTTPStatus.BAD_REQUEST, "A request has no body here.")
    return Request(method, target.partition("?")[0], ", ".join(fields.get("accept", ())))


def _fields(lines: list[str]) -> dict[str, list[str]] | None:
    """The header by lower-case names, None when a line is none of it. A folded line is not (section 5.2)."""
    fields: dict[str, list[str]] = {}
    for line in lines:
        field = _FIELD.fullmatch(line)
        if field is None:
            return None
        fields.setdefault(field[1].lower(), []).append(field[2].strip(" \t"))
    return fields
