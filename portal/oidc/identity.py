"""Who an ID token says that somebody is, if all of it is right (OpenID Connect Core 1.0, section 3.1.3.7)."""

import time
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config import Oidc
from portal.oidc.provider import Provider

# Never "none", and never a MAC: its key would be a secret that others know too.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_CLOCKS_DIFFER = 60  # seconds


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` as the provider writes it. `second_step`: the provider has made sure by one."""

    name: str
    second_step: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What the token must answer. `fresh_within`: so many seconds ago at most the user was seen."""

    nonce: str
    fresh_within: int | None


def identity(provider: Provider, token: str, asked: Asked) -> Identity | None:
    """None for a token that isn't right in every way. Raises ProviderUnavailable."""
    claims = _claims(token, provider.keys()) or _claims(token, provider.keys(anew=True))
    if claims is None or not _is_for_us(claims, provider.settings, asked):
        return None
    name = claims.get(provider.settings.login_claim)
    if not isinstance(name, str) or not name or claims.get("email_verified") is False:
        return None
    return Identity(name, _second_step(claims, provider.settings))


def _claims(token: str, keys: KeySet) -> dict[str, Any] | None:
    try:
        return jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _is_for_us(claims: dict[str, Any], settings: Oidc, asked: Asked) -> bool:
    registry = jwt.JWTClaimsRegistry(
        leeway=_CLOCKS_DIFFER,
        iss={"essential": True, "value": settings.issuer},
        aud={"essential": True, "value": settings.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": asked.nonce},
    )
    try:
        registry.validate(claims)
    except (JoseError, ValueError, TypeError):
        return False
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    # For several clients, or where it says so: it names the one that has asked.
    if (several or "azp" in claims) and claims.get("azp") != settings.client_id:
        return False
    return asked.fresh_within is None or _is_fresh(claims, asked.fresh_within)


def _is_fresh(claims: dict[str, Any], seconds: int) -> bool:
    at = claims.get("auth_time")
    return isinstance(at, int | float) and time.time() - at <= seconds + _CLOCKS_DIFFER


def _second_step(claims: dict[str, Any], settings: Oidc) -> bool:
    methods = claims.get("amr")
    strings = isinstance(methods, list) and all(isinstance(one, str) for one in methods)
    named = set(methods or ()) if strings else set()
    return bool(named & set(settings.second_step_amr)) or claims.get("acr") in settings.second_step_acr
