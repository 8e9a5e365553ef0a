"""The values that the store hands out. All times are aware and in UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from config import ProtocolName


class MfaState(StrEnum):
    """Where a user stands on the way to two-step verification."""

    DISABLED = "disabled"
    ENABLED = "enabled"
    ENFORCED = "enforced"


@dataclass(frozen=True, slots=True)
class User:
    """One account. `login` and `aliases` are normalised names; `version` rises with every change.

    `blocked` is what the administrator says, `disabled` what the directory says. `directory_id` is the
    identity of the user's entry there, which outlives a change of its name.
    """

    id: int
    login: str
    aliases: tuple[str, ...]
    mfa: MfaState
    grace_until: datetime | None
    blocked: bool
    backend_login: str | None
    dn: str | None
    version: int
    created_at: datetime
    directory_id: str | None
    disabled: bool


@dataclass(frozen=True, slots=True)
class LastUse:
    """When, over which protocol, from which address and by which client an app password was used."""

    at: datetime
    protocol: str
    address: str
    client: str


@dataclass(frozen=True, slots=True)
class AppPassword:
    """One app password. With `deleted_at` it is a tombstone: known, and never let in again.

    `tag` is the keyed 16-bit number that picks the candidate; no two app passwords of a user share one.
    """

    id: str
    user_id: int
    name: str
    scopes: frozenset[ProtocolName]
    networks: tuple[IPv4Network | IPv6Network, ...]
    tag: int
    hash: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None
    deleted_at: datetime | None
    last_used: LastUse | None


@dataclass(frozen=True, slots=True)
class Account:
    """A user with all app passwords, tombstones included, as of `position` of the change feed.

    Positions of two histories say nothing of each other: see store.changes.history.
    """

    user: User
    app_passwords: tuple[AppPassword, ...]
    position: int
    history: str


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the change feed. `position` rises in the order of the commits."""

    position: int
    user_id: int
    version: int
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """Changes of one history, oldest first."""

    history: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what to which login. `detail` is one line for people and holds no secret."""

    id: int
    at: datetime
    actor: str
    action: str
    login: str
    detail: str
