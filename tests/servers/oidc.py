"""An OpenID Connect provider for loopback: discovery, authorization code with PKCE, tokens, keys.

It signs in whom the test says, without asking. What a test puts into `claims` replaces what a token says,
`sign` replaces how it's signed, `answer` what leads back, and `token` what is said for a code.
"""

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.servers.certificates import Authority

CLIENT, SECRET = "wicketgate", "the portal's secret at the provider"


class Provider:
    """`with Provider(authority) as provider`: at `issuer` until the end of the block."""

    def __init__(self, authority: Authority) -> None:
        self.ca_file = authority.ca_file
        self._pair = authority.server()
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.published: dict[str, Any] = {"keys": [self.key.as_dict(private=False)]}
        self.login = ""
        self.claims: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.authorized: dict[str, str] = {}  # what the last authorization request said
        self.answer: dict[str, str | None] = {}
        self.token: tuple[dict[str, Any], int] | None = None
        self._codes: dict[str, dict[str, str]] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.issuer = f"https://localhost:{self._socket.getsockname()[1]}/realms/staff"
        self.discovered: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def __enter__(self) -> Self:
        path = "/realms/staff"
        routes = [
            Route(f"{path}/.well-known/openid-configuration", self._discovery),
            Route(f"{path}/authorize", self._authorize),
            Route(f"{path}/token", self._token, methods=["POST"]),
            Route(f"{path}/keys", self._keys),
        ]
        files = {"ssl_certfile": str(self._pair.certificate), "ssl_keyfile": str(self._pair.key)}
        config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off", **files)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: self._server.run([self._socket]), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def begin(self, login: str) -> None:
        """As if nothing had happened before; this user is signed in from now on."""
        self.login, self.claims, self.sign = login, {}, self.signed
        self.authorized, self._codes = {}, {}
        self.answer, self.token = {}, None

    def signed(self, claims: dict[str, Any]) -> str:
        """As it should be."""
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse(self.discovered)

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(self.published)

    async def _authorize(self, request: Request) -> Response:
        self.authorized = dict(request.query_params)
        code = secrets.token_hex(16)
        self._codes[code] = self.authorized
        answer = {"code": code, "state": self.authorized["state"], "iss": self.issuer, **self.answer}
        told = urlencode({name: value for name, value in answer.items() if value is not None})
        return RedirectResponse(f"{self.authorized['redirect_uri']}?{told}", 303)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        asked = self._codes.pop(str(form.get("code")), None)
        if self.token is not None:
            return JSONResponse(*self.token)
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = self._is_known(request.headers.get("authorization", ""), form)
        if asked is None or not known or asked["code_challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims: dict[str, Any] = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"sub": f"account of {self.login}", "nonce": asked["nonce"], "auth_time": now}
        claims |= {"email": self.login, "email_verified": True}
        claims |= self.claims
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _is_known(self, authorization: str, form: Mapping[str, Any]) -> bool:
        """By the way of showing the secret that the discovery document names (OpenID Connect Core 1.0, 9)."""
        if self.discovered.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            shown = (form.get("client_id"), form.get("client_secret"))
            return shown == (CLIENT, SECRET) and not authorization
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        return authorization == f"Basic {basic}"
