"""What the provider says of itself, and what it's asked: discovery, keys, and tokens for a code."""

import ssl
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, cast

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc.jwk import KeySet

from config import Oidc, read_secret

_SECONDS = 10
_BELIEVED = 3600.0  # so long the documents are remembered
_LONGEST = 1_000_000


class ProviderUnavailable(Exception):
    """It can't be asked, or says what can't be understood. The message is for the log."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """From the discovery document (OpenID Connect Discovery 1.0, section 3)."""

    authorization: str
    token: str
    keys: str


@dataclass(slots=True)
class Provider:
    """Asked by any thread. What it has said is remembered for an hour."""

    settings: Oidc
    _lock: Lock = field(default_factory=Lock)
    _endpoints: Endpoints | None = None
    _keys: KeySet | None = None
    _since: float = 0.0

    def endpoints(self) -> Endpoints:
        """Raises ProviderUnavailable."""
        with self._lock:
            if self._endpoints is None or time.monotonic() - self._since > _BELIEVED:
                self._endpoints, self._keys, self._since = self._discover(), None, time.monotonic()
            return self._endpoints

    def keys(self, *, anew: bool = False) -> KeySet:
        """Those that sign tokens; `anew` where one is missing. Raises ProviderUnavailable."""
        address = self.endpoints().keys
        with self._lock:
            if self._keys is None or anew:
                try:
                    self._keys = KeySet.import_key_set(cast(Any, self._document(address)))
                except (ValueError, KeyError, TypeError) as error:
                    raise ProviderUnavailable(f"its keys can't be read: {error}") from None
            return self._keys

    def authorization_url(self, redirect_uri: str, verifier: str, **more: str) -> str:
        """Where the browser is sent. Raises ProviderUnavailable."""
        endpoint = self.endpoints().authorization
        with self._client(redirect_uri) as client:
            url, _ = client.create_authorization_url(endpoint, code_verifier=verifier, **more)
        return str(url)

    def id_token(self, code: str, redirect_uri: str, verifier: str) -> str | None:
        """For a code; None for one that isn't good. Raises ProviderUnavailable."""
        endpoint = self.endpoints().token
        try:
            with self._client(redirect_uri) as client:
                answer = client.fetch_token(endpoint, code=code, code_verifier=verifier)
        except OAuthError:
            return None
        except (httpx2.HTTPError, OSError, ValueError) as error:
            raise ProviderUnavailable(str(error) or type(error).__name__) from None
        token = answer.get("id_token")
        return token if isinstance(token, str) else None

    def _client(self, redirect_uri: str) -> OAuth2Client:
        assert self.settings.client_secret_file is not None, "the configuration requires it"
        return OAuth2Client(
            client_id=self.settings.client_id,
            client_secret=read_secret(self.settings.client_secret_file, "oidc.client_secret_file").decode(),
            scope=" ".join(dict.fromkeys(("openid", *self.settings.scopes))),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",  # RFC 7636
            verify=self._context(),
            timeout=_SECONDS,
            follow_redirects=False,
        )

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.settings.ca_file)

    def _discover(self) -> Endpoints:
        found = self._document(self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        told = [found.get(name) for name in names]
        # Another issuer's document would let that one sign our users in (section 4.3).
        if found.get("issuer") != self.settings.issuer:
            raise ProviderUnavailable("its discovery document is of another issuer")
        if not all(isinstance(one, str) and one.startswith("https://") for one in told):
            raise ProviderUnavailable("its discovery document lacks an https:// endpoint")
        return Endpoints(*map(str, told))

    def _document(self, address: str) -> dict[str, Any]:
        try:
            with httpx2.Client(verify=self._context(), timeout=_SECONDS) as client:
                answer = client.get(address)
            answer.raise_for_status()
            found = answer.json() if len(answer.content) <= _LONGEST else None
        except (httpx2.HTTPError, OSError, ValueError) as error:
            raise ProviderUnavailable(str(error) or type(error).__name__) from None
        if not isinstance(found, dict):
            raise ProviderUnavailable(f"{address} is no JSON document")
        return found
