"""Refused logins of known users: which device fails, why, and how often. Kept in memory and written behind.

It is what a help desk asks for first, and what tells an administrator who would be locked out by enforcing.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Insert, and_, bindparam, case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from store.database import Database
from store.printable import printable
from store.schema import app_passwords, names, refused_logins, users

# Until they are written. A client may call itself anything, and each name makes a device: so no source has
# more than its share, here and in the store.
MOST_REMEMBERED = 5_000
MOST_REMEMBERED_OF_A_SOURCE = 100
MOST_OF_A_USER = 50
MOST_OF_A_USER_AND_SOURCE = 10
_LONGEST_TEXT = 200
# So many go into one transaction: other writers needn't wait for all.
_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Device:
    """Somebody who tries to log in as a user, and why it fails. `app_password_id` is empty for none."""

    user_id: int
    protocol: str
    client: str
    address: str
    reason: str
    app_password_id: str


@dataclass(frozen=True, slots=True)
class Times:
    """How often it failed, first and last when."""

    count: int
    first: datetime
    last: datetime

    def and_then(self, later: "Times") -> "Times":
        """Both together."""
        first, last = min(self.first, later.first), max(self.last, later.last)
        return Times(self.count + later.count, first, last)


@dataclass(frozen=True, slots=True)
class Refused:
    """One device's failures, with the login and the app password's name as they are now."""

    login: str
    device: Device
    app_password: str | None
    times: Times


class RefusedLogins:
    """Counts by device. Any thread may note; flush() before the process ends."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[str, dict[Device, Times]] = {}  # by source
        self._count = 0
        self._lock = Lock()

    def note(self, device: Device) -> None:
        """Count one more. What a client calls itself is cut to what prints."""
        now = datetime.now(UTC)
        shown = replace(device, client=printable(device.client, _LONGEST_TEXT))
        with self._lock:
            self._remember(shown, Times(1, now, now))

    def flush(self) -> int:
        """Write what was noted and forget it; how many devices that were.

        Raises StoreUnavailable, and then keeps everything for the next flush.
        """
        with self._lock:
            noted = _in_all(self._noted)
            self._noted, self._count = {}, 0
        try:
            rows = [_row(device, times) for device, times in noted.items()]
            for begin in range(0, len(rows), _MOST_AT_ONCE):
                _write(self._database, rows[begin : begin + _MOST_AT_ONCE])
        except BaseException:
            with self._lock:
                newer = _in_all(self._noted)
                self._noted, self._count = {}, 0
                for device, times in (*noted.items(), *newer.items()):
                    self._remember(device, times)
            raise
        return len(noted)

    def _remember(self, device: Device, times: Times) -> None:
        """Of too many, the oldest of the same source goes. Only a source's first takes another's place."""
        source = _source_of(device.address)
        mine = self._noted.setdefault(source, {})
        known = mine.pop(device, None)
        mine[device] = known.and_then(times) if known is not None else times
        self._count += known is None
        if self._count > MOST_REMEMBERED or len(mine) > MOST_REMEMBERED_OF_A_SOURCE:
            self._forget_oldest(source if len(mine) > 1 else next(iter(self._noted)))

    def _forget_oldest(self, source: str) -> None:
        theirs = self._noted[source]
        del theirs[next(iter(theirs))]
        self._count -= 1
        if not theirs:
            del self._noted[source]


def _in_all(noted: dict[str, dict[Device, Times]]) -> dict[Device, Times]:
    return {device: times for theirs in noted.values() for device, times in theirs.items()}


@lru_cache(4096)
def _source_of(address: str) -> str:
    """Who has one address of an IPv6 /64 has all of them."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address


def list_refused(
    database: Database, login: str | None = None, reason: str | None = None, limit: int = 100
) -> list[Refused]:
    """The newest first, of one user or of all, for one reason or any. Raises StoreUnavailable."""
    statement = (
        select(refused_logins, names.c.name.label("login"), app_passwords.c.name.label("app_password"))
        .join(names, and_(names.c.user_id == refused_logins.c.user_id, names.c.rank == 0))
        .outerjoin(app_passwords, app_passwords.c.id == refused_logins.c.app_password_id)
        .order_by(refused_logins.c.last_at.desc())
        .limit(limit)
    )
    if login is not None:
        owner = select(names.c.user_id).where(names.c.name == login).scalar_subquery()
        statement = statement.where(refused_logins.c.user_id == owner)
    if reason is not None:
        statement = statement.where(refused_logins.c.reason == reason)
    with database.read() as connection:
        return [_refused(row) for row in connection.execute(statement)]


def forget(database: Database, older_than: datetime) -> int:
    """Remove what happened last before that time; how many rows that were. Raises StoreUnavailable."""
    with database.write() as connection:
        return connection.execute(
            delete(refused_logins).where(refused_logins.c.last_at < older_than)
        ).rowcount


def _write(database: Database, rows: Sequence[dict[str, Any]]) -> None:
    with database.write() as connection:
        there = set(connection.execute(_known({row["user_id"] for row in rows})).scalars())
        wanted = [row for row in rows if row["user_id"] in there]
        if wanted:
            connection.execute(_upsert(connection), wanted)
            for user_id in sorted(there):
                _trim(connection, user_id)


def _known(ids: Iterable[int]) -> Any:
    return select(users.c.id).where(users.c.id.in_(list(ids)))


def _upsert(connection: Connection) -> Insert:
    # Both databases have it, and SQLAlchemy a construct for each.
    kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = kind(refused_logins).values(
        {column.name: bindparam(column.name) for column in refused_logins.c}
    )
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=list(refused_logins.primary_key),
        set_={
            "count": refused_logins.c.count + new.count,
            "first_at": case(
                (new.first_at < refused_logins.c.first_at, new.first_at), else_=refused_logins.c.first_at
            ),
            "last_at": case(
                (new.last_at > refused_logins.c.last_at, new.last_at), else_=refused_logins.c.last_at
            ),
        },
    )


def _trim(connection: Connection, user_id: int) -> None:
    """A user keeps the newest of each source, and as many as there is room for of the others.

    So who guesses from everywhere doesn't fill the store, and who guesses from one place, under many names,
    makes no devices elsewhere be forgotten.
    """
    key = tuple(refused_logins.primary_key)
    mine = select(*key).where(refused_logins.c.user_id == user_id)
    rows = connection.execute(mine.order_by(refused_logins.c.last_at.desc())).all()
    ranks: Counter[str] = Counter()
    ranked: list[tuple[int, Any]] = []
    for row in rows:
        source = _source_of(row.address)
        ranked.append((ranks[source], row))
        ranks[source] += 1
    ranked.sort(key=lambda one: one[0])  # stable: of the same rank the newest come first
    surplus = [
        {f"old_{column.name}": row._mapping[column.name] for column in key}
        for number, (rank, row) in enumerate(ranked)
        if rank >= MOST_OF_A_USER_AND_SOURCE or number >= MOST_OF_A_USER
    ]
    if surplus:
        this = and_(*(column == bindparam(f"old_{column.name}") for column in key))
        connection.execute(delete(refused_logins).where(this), surplus)


def _row(device: Device, times: Times) -> dict[str, Any]:
    return {
        "user_id": device.user_id,
        "protocol": device.protocol,
        "client": device.client,
        "address": device.address,
        "reason": device.reason,
        "app_password_id": device.app_password_id,
        "count": times.count,
        "first_at": times.first,
        "last_at": times.last,
    }


def _refused(row: Any) -> Refused:
    device = Device(row.user_id, row.protocol, row.client, row.address, row.reason, row.app_password_id)
    return Refused(
        row.login, device, row.app_password, Times(row._mapping["count"], row.first_at, row.last_at)
    )
