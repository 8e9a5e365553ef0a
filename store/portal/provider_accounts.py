"""Which account at the OpenID Connect provider is a user's: the first one that signed in as the user.

A name or an address at the provider may be given to another person; an account's subject is never given again
(OpenID Connect Core 1.0, section 2). Every function raises StoreUnavailable when the store can't decide.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

from sqlalchemy import Connection, and_, delete, insert, or_, select
from sqlalchemy.exc import IntegrityError

from store import audit, changes
from store.database import Database
from store.portal.schema import portal_sessions, provider_accounts
from store.schema import names


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """An account as its provider names it, and since when it's the user's."""

    issuer: str
    subject: str
    pinned_at: datetime


class Pinned(Enum):
    """Whose an account is."""

    MINE = auto()
    OTHER_ACCOUNT = auto()  # the user has another one
    OTHER_USER = auto()  # it's another user's


def pin(database: Database, user_id: int, issuer: str, subject: str, *, actor: str) -> Pinned:
    """Whether the account is the user's. It becomes that where the user has none and no other user has it."""
    table = provider_accounts.c
    this = (table.issuer == issuer) & (table.subject == subject)
    with database.read() as connection:  # nearly always all is known, and no writer has to wait
        known = connection.execute(select(provider_accounts).where(this, table.user_id == user_id)).first()
    if known is not None:
        return Pinned.MINE
    try:
        with database.write() as connection:
            found = select(provider_accounts).where(or_(table.user_id == user_id, this))
            rows = {row.user_id: (row.issuer, row.subject) for row in connection.execute(found)}
            if user_id in rows:
                return Pinned.MINE if rows[user_id] == (issuer, subject) else Pinned.OTHER_ACCOUNT
            if rows:
                return Pinned.OTHER_USER
            row = {"user_id": user_id, "issuer": issuer, "subject": subject}
            connection.execute(insert(provider_accounts).values(pinned_at=datetime.now(UTC), **row))
            login = _login(connection, user_id)
            audit.record(connection, actor, "provider-account-pinned", login, f"{issuer} {subject}")
    except IntegrityError:  # the user was deleted meanwhile
        return Pinned.OTHER_ACCOUNT
    return Pinned.MINE


def of_user(database: Database, user_id: int) -> ProviderAccount | None:
    """The user's account."""
    statement = select(provider_accounts).where(provider_accounts.c.user_id == user_id)
    with database.read() as connection:
        row = connection.execute(statement).first()
    return ProviderAccount(row.issuer, row.subject, row.pinned_at) if row is not None else None


def owner(database: Database, issuer: str, subject: str) -> str:
    """The login of the user whose account it is; empty where it is no user's."""
    mine = and_(names.c.user_id == provider_accounts.c.user_id, names.c.rank == 0)
    this = (provider_accounts.c.issuer == issuer, provider_accounts.c.subject == subject)
    with database.read() as connection:
        statement = select(names.c.name).join_from(provider_accounts, names, mine).where(*this)
        return connection.execute(statement).scalar_one_or_none() or ""


def forget(database: Database, user_id: int, *, actor: str, reason: str = "") -> bool:
    """Let the next account be the user's, and end all sessions; False where the user has none."""
    with database.write() as connection:
        return _forget(connection, user_id, actor, reason)


def forget_all(database: Database, *, actor: str) -> int:
    """The same for all users, as the provider is another one now; how many they were."""
    with database.write() as connection:
        ids = connection.execute(select(provider_accounts.c.user_id)).scalars().all()
        return sum(_forget(connection, user_id, actor, "for all users") for user_id in ids)


def _forget(connection: Connection, user_id: int, actor: str, reason: str) -> bool:
    mine = delete(provider_accounts).where(provider_accounts.c.user_id == user_id)
    if not connection.execute(mine).rowcount:
        return False
    connection.execute(delete(portal_sessions).where(portal_sessions.c.user_id == user_id))
    return changes.raise_version(connection, user_id, "provider-account-forgotten", actor, reason)


def _login(connection: Connection, user_id: int) -> str:
    statement = select(names.c.name).where(names.c.user_id == user_id, names.c.rank == 0)
    found: str = connection.execute(statement).scalar_one()
    return found
