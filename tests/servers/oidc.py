"""An OpenID Connect provider for loopback: discovery, authorization code with PKCE, tokens, keys.

It signs in whom the test says, without asking. What a test puts into `claims` replaces what a token says, and
`sign` replaces how it's signed.
"""

import base64
import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Callable
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
        self._pair = authority.server()
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.login = ""
        self.claims: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.authorized: dict[str, str] = {}  # what the last authorization request said
        self._codes: dict[str, dict[str, str]] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.issuer = f"https://localhost:{self._socket.getsockname()[1]}/realms/staff"
        self.discovered = {
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

    def signed(self, claims: dict[str, Any]) -> str:
        """As it should be."""
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse(self.discovered)

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        self.authorized = dict(request.query_params)
        code = secrets.token_hex(16)
        self._codes[code] = self.authorized
        answer = {"code": code, "state": self.authorized["state"], "iss": self.issuer}
        return RedirectResponse(f"{self.authorized['redirect_uri']}?{urlencode(answer)}", 303)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        asked = self._codes.pop(str(form.get("code")), None)

        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = request.headers.get("authorization", "").startswith("Basic ")
        if asked is None or not known or asked["code_challenge"] != challenge:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims: dict[str, Any] = {"iss": self.issuer, "aud": CLIENT, "sub": "1", "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], "email": self.login, "auth_time": now}
        claims |= self.claims
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})
