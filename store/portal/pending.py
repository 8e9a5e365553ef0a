"""What a session is in the middle of: put aside by one request, and taken by one other, once.

Every function raises StoreUnavailable when the store can't decide.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert

from store.database import Database
from store.portal.key import PortalKey
from store.portal.schema import portal_pending
from store.portal.sessions import Session


def put_aside(
    database: Database, key: PortalKey, session: Session, what: str, value: dict[str, Any], lasts: timedelta
) -> None:
    """Keep a value for the session, sealed, in the place of an older one of that kind."""
    row = {
        "digest": session.digest,
        "what": what,
        "sealed": key.seal(json.dumps(value).encode(), _bound_to(session, what)),
        "expires_at": datetime.now(UTC) + lasts,
    }
    with database.write() as connection:
        connection.execute(delete(portal_pending).where(*_mine(session, what)))
        connection.execute(insert(portal_pending).values(row))


def take(database: Database, key: PortalKey, session: Session, what: str) -> dict[str, Any] | None:
    """The value, which is gone with this; None where there is none, or not any more."""
    columns = portal_pending.c.sealed, portal_pending.c.expires_at
    statement = delete(portal_pending).where(*_mine(session, what)).returning(*columns)
    with database.write() as connection:
        row = connection.execute(statement).first()
    if row is None or row.expires_at <= datetime.now(UTC):
        return None
    plain = key.unseal(row.sealed, _bound_to(session, what))
    value: dict[str, Any] | None = json.loads(plain) if plain is not None else None
    return value


def _mine(session: Session, what: str) -> tuple[Any, Any]:
    return portal_pending.c.digest == session.digest, portal_pending.c.what == what


def _bound_to(session: Session, what: str) -> str:
    return f"pending {what} {session.digest.hex()}"
