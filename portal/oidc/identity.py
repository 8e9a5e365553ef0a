"""Who an ID token says that somebody is, if all of it is right (OpenID Connect Core 1.0, section 3.1.3.7)."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config import Oidc
from portal.oidc.provider import Provider

# Never "none", and never a MAC: its key would be a secret that others know too.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_CLOCKS_DIFFER = 60  # seconds
_LONGEST_SUBJECT = 255  # section 2
_LONG_AGO = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Identity:
    """`name` as the provider writes it, `subject` the account there. `second_step`: it has made sure by one.

    `seen_at`: when the user showed there who they are, which may be hours ago; long ago where it isn't said.
    """

    name: str
    subject: str
    second_step: bool
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Nobody is let in. `because` is for the log."""

    because: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the token must answer. `fresh_within`: less than so many seconds ago the user was seen."""

    nonce: str
    fresh_within: int | None


def identity(provider: Provider, token: str, asked: Asked) -> Identity | NotTaken:
    """Whose token it is, unless anything is wrong with it. Raises ProviderUnavailable."""
    settings = provider.settings
    claims = _claims(token, provider.keys()) or _claims(token, provider.keys(anew=True))
    if claims is None:
        return NotTaken("no key of the provider's has signed the ID token")
    if (wrong := _wrong(claims, settings, asked)) is not None:
        return NotTaken(wrong)
    name = claims.get(settings.login_claim)
    if not isinstance(name, str) or not name:
        return NotTaken(f"the ID token has no claim {settings.login_claim}, or it is no text")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
        return NotTaken("the ID token's sub can be none")
    if settings.login_claim == "email" and not _is_verified(claims.get("email_verified")):
        return NotTaken(
            "the ID token doesn't say email_verified = true; let the provider say so, or choose another "
            "claim as oidc.login_claim"
        )
    return Identity(name, subject, _second_step(claims, settings), _seen_at(claims))


def _is_verified(said: object) -> bool:
    """Some providers write it as text. Where another claim is the login, the address is of no account."""
    return said is True or said == "true"


def _claims(token: str, keys: KeySet) -> dict[str, Any] | None:
    try:
        return jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _wrong(claims: dict[str, Any], settings: Oidc, asked: Asked) -> str | None:
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
    except (JoseError, ValueError, TypeError) as error:
        return f"the ID token is not for this sign-in: {error}"
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    # For several clients, or where it says so: it names the one that has asked.
    if (several or "azp" in claims) and claims.get("azp") != settings.client_id:
        return "the ID token is not for this sign-in: azp"
    if asked.fresh_within is not None and time.time() - _seen_at(claims).timestamp() >= asked.fresh_within:
        return "the provider asked for nothing anew: its auth_time is missing, or too old"
    return None


def _seen_at(claims: dict[str, Any]) -> datetime:
    """What is no time, or lies ahead by more than clocks may differ, is worth nothing."""
    at, now = claims.get("auth_time"), time.time()
    if isinstance(at, bool) or not isinstance(at, int | float) or not 0 <= at <= now + _CLOCKS_DIFFER:
        return _LONG_AGO
    return datetime.fromtimestamp(min(at, now), UTC)


def _second_step(claims: dict[str, Any], settings: Oidc) -> bool:
    methods = claims.get("amr")
    strings = isinstance(methods, list) and all(isinstance(one, str) for one in methods)
    named = set(methods or ()) if strings else set()
    return bool(named & set(settings.second_step_amr)) or claims.get("acr") in settings.second_step_acr
