"""Registering a second step, which moves the user from enabled to enforced.

Every function raises StoreUnavailable when the store can't decide.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from store import changes
from store.database import Database
from store.model import MfaState
from store.portal import links, recovery
from store.portal.authenticators import insert_authenticator
from store.portal.key import PortalKey
from store.portal.passkeys import NewPasskey, insert_passkey, is_known
from store.portal.schema import authenticators, passkeys
from store.schema import users


def has_second_step(database: Database, user_id: int) -> bool:
    """Whether the user has registered an authenticator app or a passkey. Recovery codes alone don't count."""
    with database.read() as connection:
        return _has_second_step(connection, user_id)


@dataclass(frozen=True, slots=True)
class NotRegistered:
    """Another one was there first: see `only_first`; or somebody has registered this passkey already.

    Or the second steps were reset, and the session hasn't opened the link: see store.portal.links.
    """


def register_authenticator(
    database: Database,
    key: PortalKey,
    user_id: int,
    name: str,
    secret: str,
    step: int,
    *,
    only_first: bool = False,
    session: bytes = b"",
    actor: str,
) -> list[str] | NotRegistered:
    """Add an app whose code was seen. The first second step of a user also gives recovery codes.

    `only_first` is for who has shown a password alone: it holds even if the user registers at this moment.
    `session` is the digest of the session that does it: see store.portal.links.
    """
    with database.write() as connection:
        first = not _has_second_step(connection, user_id)
        if (only_first and not first) or not links.use_up(connection, user_id, session):
            return NotRegistered()
        insert_authenticator(connection, key, user_id, name, secret, step)
        return _registered(connection, key, user_id, f"authenticator app {name}", first, actor)


def register_passkey(
    database: Database,
    key: PortalKey,
    user_id: int,
    name: str,
    made: NewPasskey,
    *,
    only_first: bool = False,
    session: bytes = b"",
    actor: str,
) -> list[str] | NotRegistered:
    """The same for a passkey, which nobody may have registered before."""
    with database.write() as connection:
        first = not _has_second_step(connection, user_id)
        if (only_first and not first) or is_known(connection, made.credential_id):
            return NotRegistered()
        if not links.use_up(connection, user_id, session):
            return NotRegistered()
        insert_passkey(connection, user_id, name, made)
        return _registered(connection, key, user_id, f"passkey {name}", first, actor)


def renew_recovery_codes(database: Database, key: PortalKey, user_id: int, *, actor: str) -> list[str]:
    """New codes in the place of the old ones."""
    codes = recovery.new_codes()
    with database.write() as connection:
        recovery.replace_codes(connection, key, user_id, codes)
        changes.raise_version(connection, user_id, "recovery-codes-renewed", actor)
    return codes


def _registered(
    connection: Connection, key: PortalKey, user_id: int, what: str, first: bool, actor: str
) -> list[str]:
    codes = recovery.new_codes() if first else []
    if first:
        recovery.replace_codes(connection, key, user_id, codes)
        enabled = (users.c.id == user_id, users.c.mfa == MfaState.ENABLED.value)
        enforced = {"mfa": MfaState.ENFORCED.value, "grace_until": None}
        if connection.execute(update(users).where(*enabled).values(enforced)).rowcount:
            changes.raise_version(connection, user_id, "mfa-set", actor, "enforced, by registering")
    changes.raise_version(connection, user_id, "second-step-added", actor, what)
    return codes


def _has_second_step(connection: Connection, user_id: int) -> bool:
    return any(
        connection.execute(select(table.c.id).where(table.c.user_id == user_id).limit(1)).first() is not None
        for table in (authenticators, passkeys)
    )
