"""Sessions of the portal: on the server, so that they can be ended, and known by a digest alone.

Every function raises StoreUnavailable when the store can't decide.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from store.database import Database
from store.portal.schema import portal_pending, portal_sessions
from store.printable import printable

_TOKEN_BYTES = 32
_LONGEST_AGENT = 200
_SEEN_EVERY = timedelta(seconds=60)  # not every request is worth a write


class Stage(StrEnum):
    """How far a session's user has come."""

    PASSWORD = "password"  # noqa: S105
    SECOND_STEP = "second-step"


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in, or half-way. `form_token` has to come with each form."""

    digest: bytes
    user_id: int
    stage: Stage
    created_at: datetime
    seen_at: datetime
    second_at: datetime | None
    form_token: str
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts without being used, and at most."""

    idle: timedelta
    absolute: timedelta


def begin(
    database: Database,
    user_id: int,
    stage: Stage,
    address: str,
    agent: str,
    *,
    second_at: datetime | None = None,
) -> str:
    """A new session. Returns the token for the cookie, which is stored nowhere.

    With the second step done, that was at `second_at`, or else at this moment.
    """
    second_at = (second_at or datetime.now(UTC)) if stage is Stage.SECOND_STEP else None
    with database.write() as connection:
        return _begin(connection, user_id, stage, address, agent, second_at)


def find(database: Database, token: str, lifetime: Lifetime) -> Session | None:
    """The session of a cookie, unless it's over. Notes that it was seen."""
    digest = _digest(token)
    now = datetime.now(UTC)
    with database.read() as connection:
        row = connection.execute(select(portal_sessions).where(portal_sessions.c.digest == digest)).first()
    if row is None or now - row.seen_at > lifetime.idle or now - row.created_at > lifetime.absolute:
        return None
    if now - row.seen_at > _SEEN_EVERY:
        mine = portal_sessions.c.digest == digest
        with database.write() as connection:
            connection.execute(update(portal_sessions).where(mine).values(seen_at=now))
    return _session(row)


def step_up(database: Database, session: Session) -> str | None:
    """The second step was done: the session goes on under another token (ASVS 7.2.4), which is returned.

    None when the session has ended meanwhile.
    """
    with database.write() as connection:
        mine = portal_sessions.c.digest == session.digest
        if not connection.execute(delete(portal_sessions).where(mine)).rowcount:
            return None
        now, stage = datetime.now(UTC), Stage.SECOND_STEP
        token = _begin(connection, session.user_id, stage, session.address, session.agent, now)
        renewed = portal_sessions.c.digest == _digest(token)
        connection.execute(update(portal_sessions).where(renewed).values(created_at=session.created_at))
        return token


def end(database: Database, session: Session) -> None:
    """Sign out."""
    with database.write() as connection:
        connection.execute(delete(portal_sessions).where(portal_sessions.c.digest == session.digest))


def end_others(database: Database, user_id: int, keep: Session | None = None) -> int:
    """End all sessions of a user but one; how many those were."""
    others = portal_sessions.c.user_id == user_id
    if keep is not None:
        others = and_(others, portal_sessions.c.digest != keep.digest)
    with database.write() as connection:
        return connection.execute(delete(portal_sessions).where(others)).rowcount


def of_user(database: Database, user_id: int) -> list[Session]:
    """The sessions of a user, the newest first."""
    statement = select(portal_sessions).where(portal_sessions.c.user_id == user_id)
    with database.read() as connection:
        rows = connection.execute(statement.order_by(portal_sessions.c.created_at.desc())).all()
        return [_session(row) for row in rows]


def forget_ended(database: Database, lifetime: Lifetime) -> int:
    """Remove what is over; how many sessions that were."""
    now = datetime.now(UTC)
    idle = portal_sessions.c.seen_at < now - lifetime.idle
    over = or_(idle, portal_sessions.c.created_at < now - lifetime.absolute)
    with database.write() as connection:
        connection.execute(delete(portal_pending).where(portal_pending.c.expires_at < now))
        return connection.execute(delete(portal_sessions).where(over)).rowcount


def _begin(
    connection: Connection, user_id: int, stage: Stage, address: str, agent: str, second_at: datetime | None
) -> str:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    now = datetime.now(UTC)
    row = {
        "digest": _digest(token),
        "user_id": user_id,
        "stage": stage.value,
        "created_at": now,
        "seen_at": now,
        "second_at": second_at,
        "form_token": secrets.token_urlsafe(_TOKEN_BYTES),
        "address": address,
        "agent": printable(agent, _LONGEST_AGENT),
    }
    connection.execute(insert(portal_sessions).values(row))
    return token


def _digest(token: str) -> bytes:
    # 256 random bits need no slow hash and no key: nobody can guess them.
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _session(row: Any) -> Session:
    return Session(
        row.digest,
        row.user_id,
        Stage(row.stage),
        row.created_at,
        row.seen_at,
        row.second_at,
        row.form_token,
        row.address,
        row.agent,
    )
