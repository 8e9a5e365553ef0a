"""App passwords on their way to a phone: sealed for a link that works once.

Every function raises StoreUnavailable when the store can't decide.
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, insert

from store.database import Database
from store.model import AppPassword
from store.portal.key import PortalKey
from store.portal.schema import portal_profiles

_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Profile:
    """Whose app password it is, and the app password."""

    user_id: int
    app_password_id: str
    secret: str = field(repr=False)


def put_aside(
    database: Database, key: PortalKey, app_password: AppPassword, secret: str, lasts: timedelta
) -> str:
    """Keep it for whoever has the token, which is returned and stored nowhere."""
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), datetime.now(UTC)
    row = {
        "digest": _digest(token),
        "user_id": app_password.user_id,
        "app_password_id": app_password.id,
        "sealed": key.seal(secret.encode(), _bound_to(token)),
        "expires_at": now + lasts,
    }
    with database.write() as connection:
        connection.execute(delete(portal_profiles).where(portal_profiles.c.expires_at <= now))
        connection.execute(insert(portal_profiles).values(row))
    return token


def take(database: Database, key: PortalKey, token: str) -> Profile | None:
    """It is gone with this; None where there is none, or not any more."""
    columns = portal_profiles.c.user_id, portal_profiles.c.app_password_id
    statement = delete(portal_profiles).where(portal_profiles.c.digest == _digest(token))
    returning = statement.returning(*columns, portal_profiles.c.sealed, portal_profiles.c.expires_at)
    with database.write() as connection:
        row = connection.execute(returning).first()
    if row is None or row.expires_at <= datetime.now(UTC):
        return None
    secret = key.unseal(row.sealed, _bound_to(token))
    return Profile(row.user_id, row.app_password_id, secret.decode()) if secret is not None else None


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _bound_to(token: str) -> str:
    # The token is part of the key: who has the store and the portal's key, but not the link, reads nothing.
    return f"profile {token}"
