"""Links by which a user whose second steps were reset registers a new one.

The help desk gives it to the user, who needs the main password besides: neither is enough alone. It lasts a
day and for one registration. Every function raises StoreUnavailable when the store can't decide.
"""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from store import changes
from store.database import Database
from store.portal import schema
from store.portal.schema import enrolment_links
from store.portal.sessions import Session

LASTS = timedelta(hours=24)
_TOKEN_BYTES = 32
_WITH_METHODS = (
    schema.passkeys,
    schema.authenticators,
    schema.recovery_codes,
    schema.second_step_failures,
    schema.portal_sessions,
    schema.enrolment_links,
)


def reset_methods(database: Database, user_id: int, *, actor: str, reason: str = "") -> str | None:
    """Remove all second steps and codes, and end all sessions; the token of a new link.

    The token is stored nowhere. None without such a user.
    """
    token = secrets.token_hex(_TOKEN_BYTES)
    row = {"user_id": user_id, "digest": _digest(token), "expires_at": datetime.now(UTC) + LASTS}
    with database.write() as connection:
        if not changes.raise_version(connection, user_id, "second-steps-reset", actor, reason):
            return None
        for table in _WITH_METHODS:
            connection.execute(delete(table).where(table.c.user_id == user_id))
        connection.execute(insert(enrolment_links).values(row))
    return token


def opened(database: Database, session: Session, token: str) -> bool:
    """Whether the link is this user's and still good; from now on this session may register by it."""
    wanted = (
        enrolment_links.c.user_id == session.user_id,
        enrolment_links.c.digest == _digest(token),
        enrolment_links.c.expires_at > datetime.now(UTC),
    )
    with database.write() as connection:
        by = update(enrolment_links).where(*wanted).values(session=session.digest)
        return bool(connection.execute(by).rowcount)


def is_missing(database: Database, session: Session) -> bool:
    """Whether the user needs a link to register, and this session has opened none."""
    with database.read() as connection:
        row = connection.execute(_of(session.user_id)).first()
        return row is not None and not _is_open(row, session.digest)


def use_up(connection: Connection, user_id: int, session: bytes) -> bool:
    """In the transaction that registers: whether the session may, as it has the link or needs none.

    The link is gone with it.
    """
    row = connection.execute(_of(user_id)).first()
    if row is None:
        return True
    if not _is_open(row, session):
        return False
    connection.execute(delete(enrolment_links).where(enrolment_links.c.user_id == user_id))
    return True


def _of(user_id: int) -> Any:
    return select(enrolment_links).where(enrolment_links.c.user_id == user_id)


def _is_open(row: Any, session: bytes) -> bool:
    return bool(row.session == session and row.expires_at > datetime.now(UTC))


def _digest(token: str) -> bytes:
    # 256 random bits need no slow hash and no key.
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
