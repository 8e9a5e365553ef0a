"""Accounts and verified logins as bytes, and back. What isn't exactly as written here is nothing.

It is JSON, for its parser is safe and fast. An account's record is as of a row of the change feed, of which
it has the position and the mark: whoever reads it has to know that row, and what came after it.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from ipaddress import ip_network
from typing import Any, TypeVar, get_args

from config import ProtocolName
from store.model import Account, AppPassword, MfaState, User

_FORMAT = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PROTOCOLS: tuple[ProtocolName, ...] = get_args(ProtocolName)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A row of the change feed: its position, and when it was written, in microseconds."""

    position: int
    mark: int


def stamp(position: int, at: datetime) -> Stamp:
    """The stamp of a row. In another history, a row of the same position was written at another moment."""
    return Stamp(position, (at - _EPOCH) // _MICROSECOND)


def login_record(app_password: AppPassword, version: int, history: str) -> bytes:
    """That a secret was found to be this app password's. It is compared, and never parsed.

    With the hash that it was verified against, it stays true whatever happens to the store.
    """
    verified = blake2b(app_password.hash.encode(), digest_size=32, person=b"wicketgate").hexdigest()
    return _packed([_FORMAT, app_password.id, version, history, verified])


def account_record(account: Account, seen: Stamp) -> bytes:
    """The account as of `seen`. When an app password was last used is left out: no login depends on it."""
    user = account.user
    fields = [
        user.id,
        user.login,
        list(user.aliases),
        user.mfa.value,
        _microseconds(user.grace_until),
        user.blocked,
        user.backend_login,
        user.dn,
        user.version,
        _microseconds(user.created_at),
        user.directory_id,
        user.disabled,
    ]
    known = [_app_password_fields(one) for one in account.app_passwords]
    return _packed([_FORMAT, account.history, seen.position, seen.mark, fields, known])


def account_from(record: bytes) -> tuple[Account, Stamp] | None:
    """The account and the row that it is as of; None when this isn't exactly a record."""
    try:
        form, history, position, mark, fields, known = _a(list, json.loads(record.decode()))
        if _a(int, form) != _FORMAT:
            return None
        user = _user(*_a(list, fields))
        app_passwords = tuple(_app_password(user.id, *_a(list, one)) for one in _a(list, known))
        seen = Stamp(_a(int, position), _a(int, mark))
        return Account(user, app_passwords, seen.position, _a(str, history)), seen
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _app_password_fields(one: AppPassword) -> list[Any]:
    return [
        one.id,
        one.name,
        sorted(one.scopes),
        [str(network) for network in one.networks],
        one.tag,
        one.hash,
        _microseconds(one.created_at),
        _microseconds(one.expires_at),
        _microseconds(one.deleted_at),
    ]


def _user(
    id: Any,
    login: Any,
    aliases: Any,
    mfa: Any,
    grace_until: Any,
    blocked: Any,
    backend_login: Any,
    dn: Any,
    version: Any,
    created_at: Any,
    directory_id: Any,
    disabled: Any,
) -> User:
    return User(
        id=_a(int, id),
        login=_a(str, login),
        aliases=tuple(_a(str, alias) for alias in _a(list, aliases)),
        mfa=MfaState(_a(str, mfa)),
        grace_until=_time(grace_until),
        blocked=_a(bool, blocked),
        backend_login=_perhaps(str, backend_login),
        dn=_perhaps(str, dn),
        version=_a(int, version),
        created_at=_moment(created_at),
        directory_id=_perhaps(str, directory_id),
        disabled=_a(bool, disabled),
    )


def _app_password(
    user_id: int,
    id: Any,
    name: Any,
    scopes: Any,
    networks: Any,
    tag: Any,
    hash: Any,
    created_at: Any,
    expires_at: Any,
    deleted_at: Any,
) -> AppPassword:
    granted = {_a(str, scope) for scope in _a(list, scopes)}
    return AppPassword(
        id=_a(str, id),
        user_id=user_id,
        name=_a(str, name),
        # As in the store: a scope that this version doesn't know lets nobody in.
        scopes=frozenset(protocol for protocol in _PROTOCOLS if protocol in granted),
        networks=tuple(ip_network(_a(str, network)) for network in _a(list, networks)),
        tag=_a(int, tag),
        hash=_a(str, hash),
        created_at=_moment(created_at),
        expires_at=_time(expires_at),
        deleted_at=_time(deleted_at),
        last_used=None,
    )


def _packed(fields: list[Any]) -> bytes:
    return json.dumps(fields, separators=(",", ":")).encode()


def _a(kind: type[T], value: Any) -> T:
    """The value, if it's of this very type: True is no number here. Raises TypeError."""
    if type(value) is not kind:
        raise TypeError("a field of a record has another type")
    return value


def _perhaps(kind: type[T], value: Any) -> T | None:
    return None if value is None else _a(kind, value)


def _microseconds(time: datetime | None) -> int | None:
    return None if time is None else (time - _EPOCH) // _MICROSECOND


def _moment(microseconds: Any) -> datetime:
    return _EPOCH + timedelta(microseconds=_a(int, microseconds))


def _time(microseconds: Any) -> datetime | None:
    return None if microseconds is None else _moment(microseconds)
