"""What the provider is asked: where to send people, and a token for their code."""

import ssl
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, cast

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config import Oidc, read_secret
from portal.oidc.documents import SECONDS, Endpoints, ProviderUnavailable, discover, document
from store.printable import printable

_BELIEVED = 3600.0  # so long the documents are remembered
_DOWN = 5.0  # so long after a failure nobody tries again
# RFC 6749, sections 4.1.2.1 and 5.2: these aren't about the one who signs in.
_OUTAGES = ("server_error", "temporarily_unavailable", "invalid_client", "unauthorized_client")


def is_outage(error: str) -> bool:
    """Whether the provider's error is about itself or about the portal, and nobody's wrong sign-in."""
    return error in _OUTAGES


@dataclass(slots=True)
class Provider:
    """Asked by any thread. What it has said is remembered for an hour."""

    settings: Oidc
    _lock: Lock = field(default_factory=Lock)
    _endpoints: Endpoints | None = None
    _keys: KeySet | None = None
    _since: float = 0.0
    _failed: tuple[float, str] | None = None

    def endpoints(self) -> Endpoints:
        """Raises ProviderUnavailable. Who waits for somebody else's try is told what came of that one."""
        with self._lock:
            if self._endpoints is not None and time.monotonic() - self._since <= _BELIEVED:
                return self._endpoints
            if self._failed is not None and time.monotonic() - self._failed[0] < _DOWN:
                raise ProviderUnavailable(self._failed[1])
            try:
                self._endpoints = discover(self.settings, self._context())
            except ProviderUnavailable as error:
                self._failed = time.monotonic(), str(error)
                raise
            self._keys, self._since, self._failed = None, time.monotonic(), None
            return self._endpoints

    def keys(self, *, anew: bool = False) -> KeySet:
        """Those that sign tokens; `anew` where one is missing. Raises ProviderUnavailable."""
        address = self.endpoints().keys
        with self._lock:
            if self._keys is None or anew:
                found = document(address, self._context())
                try:
                    self._keys = KeySet.import_key_set(cast(Any, found))
                except (JoseError, ValueError, KeyError, TypeError) as error:
                    raise ProviderUnavailable(
                        f"its keys can't be read: {printable(str(error), 300)}"
                    ) from None
            return self._keys

    def authorization_url(self, redirect_uri: str, verifier: str, **more: str) -> str:
        """Where the browser is sent. Raises ProviderUnavailable."""
        endpoints = self.endpoints()
        with self._client(redirect_uri, endpoints) as client:
            url, _ = client.create_authorization_url(endpoints.authorization, code_verifier=verifier, **more)
        return str(url)

    def id_token(self, code: str, redirect_uri: str, verifier: str) -> str | None:
        """For a code; None for one that isn't good. Raises ProviderUnavailable."""
        endpoints = self.endpoints()
        try:
            with self._client(redirect_uri, endpoints) as client:
                answer = client.fetch_token(endpoints.token, code=code, code_verifier=verifier)
        except OAuthError as error:
            if not is_outage(str(error.error)):
                return None
            raise ProviderUnavailable(
                f"it says {error.error}: look at oidc.client_id, oidc.client_secret_file and the client there"
            ) from None
        except (httpx2.HTTPError, OSError, ValueError) as error:
            raise ProviderUnavailable(printable(str(error) or type(error).__name__, 300)) from None
        token = answer.get("id_token")
        return token if isinstance(token, str) else None

    def _client(self, redirect_uri: str, endpoints: Endpoints) -> OAuth2Client:
        assert self.settings.client_secret_file is not None, "the configuration requires it"
        return OAuth2Client(
            client_id=self.settings.client_id,
            client_secret=read_secret(self.settings.client_secret_file, "oidc.client_secret_file").decode(),
            token_endpoint_auth_method=endpoints.shown_by,
            scope=" ".join(dict.fromkeys(("openid", *self.settings.scopes))),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",  # RFC 7636
            verify=self._context(),
            timeout=SECONDS,
            follow_redirects=False,
        )

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.settings.ca_file)
