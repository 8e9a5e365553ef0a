"""What the provider says of itself, fetched over TLS, and no more of it than anybody needs."""

import json
import ssl
import time
from dataclasses import dataclass
from typing import Any

import httpx2

from config import Oidc
from store.printable import printable

SECONDS = 10
_LONGEST = 1_000_000
_BASIC, _POST = "client_secret_basic", "client_secret_post"


class ProviderUnavailable(Exception):
    """It can't be asked, or says what can't be understood. The message is for the log."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """From the discovery document (OpenID Connect Discovery 1.0, section 3).

    `names_itself`: every answer says which provider it's from (RFC 9207, section 3).
    `shown_by`: how the portal's secret is shown there.
    """

    authorization: str
    token: str
    keys: str
    names_itself: bool
    shown_by: str


def discover(settings: Oidc, context: ssl.SSLContext) -> Endpoints:
    """Raises ProviderUnavailable."""
    found = document(settings.issuer.rstrip("/") + "/.well-known/openid-configuration", context)
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    told = [found.get(name) for name in names]
    # Another issuer's document would let that one sign our users in (section 4.3).
    if found.get("issuer") != settings.issuer:
        raise ProviderUnavailable(f"its discovery document is not of oidc.issuer, {settings.issuer}")
    if not all(isinstance(one, str) and one.startswith("https://") for one in told):
        raise ProviderUnavailable("its discovery document lacks an https:// endpoint")
    names_itself = found.get("authorization_response_iss_parameter_supported") is True
    authorization, token, keys = map(str, told)
    return Endpoints(authorization, token, keys, names_itself, _shown_by(found))


def document(address: str, context: ssl.SSLContext) -> dict[str, Any]:
    """A JSON document. Raises ProviderUnavailable."""
    try:
        found = json.loads(_fetched(address, context))
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, RecursionError) as error:
        raise ProviderUnavailable(printable(str(error) or type(error).__name__, 300)) from None
    if not isinstance(found, dict):
        raise ProviderUnavailable(f"{printable(address, 300)} is no JSON document")
    return found


def _fetched(address: str, context: ssl.SSLContext) -> bytes:
    """Each wait is bounded by httpx2, and all of them together here."""
    end, body = time.monotonic() + SECONDS, b""
    with (
        httpx2.Client(verify=context, timeout=SECONDS, follow_redirects=False) as client,
        client.stream("GET", address) as answer,
    ):
        answer.raise_for_status()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > _LONGEST or time.monotonic() > end:
                raise ProviderUnavailable(f"{printable(address, 300)} is too long or too slow")
    return body


def _shown_by(found: dict[str, Any]) -> str:
    """In the header, as nothing said means; in the form where that is all that is taken."""
    methods = found.get("token_endpoint_auth_methods_supported")
    named = methods if isinstance(methods, list) else [_BASIC]
    return _POST if _POST in named and _BASIC not in named else _BASIC
