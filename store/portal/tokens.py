"""Tokens for programs that speak to the HTTP API: who they are, and what they may do.

Every function raises StoreUnavailable when the store can't decide.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from store import audit
from store.database import Database
from store.portal.reach import Reach
from store.portal.roles import Held, Role
from store.portal.schema import api_tokens

# Known by this to scanners that look for secrets which somebody has published.
PREFIX = "wicketgate_"
_BYTES = 32
_LONGEST = 100
# When a token was last used is written so often at most.
_NOTED_EVERY = timedelta(minutes=1)


class TokenRole(StrEnum):
    """The roles of people, and one that none of them has: acting for a user, as the user's own page does."""

    SELF_SERVICE = "self-service"
    AUDITOR = "auditor"
    HELP_DESK = "help-desk"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of one; it itself is stored nowhere. No `domains` means all.

    `made_by` is the id of the user who made it on a page; None for one of the command line.
    """

    name: str
    role: TokenRole
    domains: frozenset[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    made_by: int | None = None

    @property
    def held(self) -> Held:
        """As if somebody had it as a role. Acting for a user isn't above anybody."""
        role = Role.AUDITOR if self.role is TokenRole.SELF_SERVICE else Role(self.role.value)
        return Held(role, self.domains)

    @property
    def reach(self) -> Reach:
        """Which users it may change: not its maker, as on pages no person may change what concerns them."""
        return Reach(self.held, self.made_by, acts_for_users=self.role is TokenRole.SELF_SERVICE)


def create(
    database: Database,
    name: str,
    role: TokenRole,
    domains: Iterable[str] = (),
    expires_at: datetime | None = None,
    *,
    made_by: int | None = None,
    actor: str,
) -> str | None:
    """Make one and return it; None where the name is taken. Domains are normalised."""
    token = PREFIX + secrets.token_urlsafe(_BYTES)
    scope = " ".join(sorted(set(domains)))
    row: dict[str, Any] = {"name": name, "digest": _digest(token), "role": role.value, "domains": scope}
    row |= {"created_at": datetime.now(UTC), "expires_at": expires_at, "made_by": made_by}
    try:
        with database.write() as connection:
            connection.execute(insert(api_tokens).values(row))
            audit.record(connection, actor, "token-created", "", f"{name}: {role}")
    except IntegrityError:
        return None
    return token


def find(database: Database, token: str) -> Token | None:
    """The token, if it's one of ours that is neither revoked nor expired."""
    if not token.startswith(PREFIX) or len(token) > _LONGEST:
        return None
    now, digest = datetime.now(UTC), _digest(token)
    with database.read() as connection:
        row = connection.execute(select(api_tokens).where(api_tokens.c.digest == digest)).first()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    if row.last_used_at is None or now - row.last_used_at >= _NOTED_EVERY:
        with database.write() as connection:
            used = update(api_tokens).where(api_tokens.c.digest == digest).values(last_used_at=now)
            connection.execute(used)
    return _token(row)


def tokens(database: Database) -> list[Token]:
    """All, by their names."""
    with database.read() as connection:
        return [_token(row) for row in connection.execute(select(api_tokens).order_by(api_tokens.c.name))]


def revoke(database: Database, name: str, *, actor: str) -> bool:
    """It's refused from now on; False where there is none of that name."""
    with database.write() as connection:
        found = connection.execute(delete(api_tokens).where(api_tokens.c.name == name)).rowcount
        if found:
            audit.record(connection, actor, "token-revoked", "", name)
        return bool(found)


def _token(row: Any) -> Token:
    return Token(
        name=row.name,
        role=TokenRole(row.role),
        domains=frozenset(row.domains.split()),
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        made_by=row.made_by,
    )


def _digest(token: str) -> bytes:
    # 256 random bits need no slow hash and no key.
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
