"""Rows into values. A value that can't be read is a ValueError, which the transaction reports."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any, get_args

from sqlalchemy import Connection, Row, Select, literal, select

from config import ProtocolName
from store.connection_marks import WITHOUT_HASHES
from store.model import AppPassword, LastUse, MfaState, User
from store.schema import app_passwords

_PROTOCOLS: tuple[ProtocolName, ...] = get_args(ProtocolName)


def user_from(rows: Sequence[Row[Any]]) -> User:
    """A user from its rows joined with its names, the login's row first."""
    first = rows[0]
    return User(
        id=first.id,
        login=first.name,
        aliases=tuple(row.name for row in rows[1:]),
        mfa=MfaState(first.mfa),
        grace_until=first.grace_until,
        blocked=first.blocked,
        backend_login=first.backend_login,
        dn=first.dn,
        version=first.version,
        created_at=first.created_at,
        directory_id=first.directory_id,
        disabled=first.disabled,
    )


def app_password_rows(connection: Connection) -> Select[Any]:
    """All app passwords, with an empty hash for whoever reads none."""
    if not connection.get_execution_options().get(WITHOUT_HASHES):
        return select(app_passwords)
    shown = [column for column in app_passwords.c if column is not app_passwords.c.hash]
    return select(*shown, literal("").label("hash"))


def app_password_from(row: Row[Any]) -> AppPassword:
    """An app password from its row. A scope that this version doesn't know is left out: it lets nobody in."""
    scopes = row.scopes.split()
    return AppPassword(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        scopes=frozenset(protocol for protocol in _PROTOCOLS if protocol in scopes),
        networks=tuple(ip_network(text) for text in row.networks.split()),
        tag=row.tag,
        hash=row.hash,
        created_at=row.created_at,
        expires_at=row.expires_at,
        deleted_at=row.deleted_at,
        last_used=_last_use_from(row),
    )


def app_password_values(made: AppPassword) -> dict[str, Any]:
    """The columns of a new app password."""
    return {
        "id": made.id,
        "user_id": made.user_id,
        "name": made.name,
        "scopes": " ".join(sorted(made.scopes)),
        "networks": " ".join(str(network) for network in made.networks),
        "tag": made.tag,
        "hash": made.hash,
        "created_at": made.created_at,
        "expires_at": made.expires_at,
    }


def _last_use_from(row: Row[Any]) -> LastUse | None:
    if row.last_used_at is None:
        return None
    return LastUse(row.last_used_at, row.last_used_protocol, row.last_used_address, row.last_used_client)
