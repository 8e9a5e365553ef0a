"""What has happened that somebody is to be told: the audit trail says it, and when app passwords were used.

So it doesn't matter who caused it: pages, commands, the API or the gateway. Every function raises
StoreUnavailable when the store can't decide.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, tuple_, update

from store.database import Database
from store.portal.notices import Channel, put
from store.portal.schema import known_networks, notice_state
from store.schema import app_passwords, audit, names

FIRST_USED, NEW_NETWORK = "app-password-first-used", "app-password-used-from-new-network"
_AT_ONCE = 500
# Uses are noted without writing anything of ours as long as all is known; so much may be read again then.
_BOOKMARK_EVERY = timedelta(seconds=5)
_USE = (app_passwords.c.last_used_at, app_passwords.c.id)
_NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class _News:
    """What the store holds that wasn't read before. `fresh` are app passwords with an unknown network."""

    on_trail: bool
    fresh: Sequence[str]
    used_until: datetime
    is_bookmark_old: bool


def gather(database: Database, wanted: Mapping[Channel, Collection[str]], back: timedelta = _NO_TIME) -> int:
    """Put what has happened since the last time aside, for the channels that want it; how many that are.

    The first time it only remembers where it is: nobody is told of what was before. Gateways write uses some
    seconds late, and after an outage later than one another: those older than the newest known are looked for
    as far as `back`.
    """
    news = _look(database, back)
    if news is None:
        _begin(database)
        return 0
    if not (news.on_trail or news.fresh or news.is_bookmark_old):
        return 0
    with database.write() as connection:
        events = [*_of_the_trail(connection), *_of_uses(connection, news.fresh)]
        # Never back, as whoever looks back reads older ones.
        later = update(notice_state).where(notice_state.c.used_at < news.used_until)
        connection.execute(later.values(used_at=news.used_until))
        return put(connection, events, wanted)


def forget_place(database: Database) -> None:
    """As before the first time. Who switches notices on again is told nothing of the time without."""
    with database.read() as connection:
        if connection.execute(select(notice_state)).first() is None:
            return
    with database.write() as connection:
        connection.execute(delete(notice_state))


@lru_cache(maxsize=10_000)
def network_of(address: str) -> str:
    """The network that counts as one place: a /24, or a /64 of IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{found}/{24 if found.version == 4 else 64}", strict=False))


def _look(database: Database, back: timedelta) -> _News | None:
    """Without keeping writers out, as mostly there is nothing."""
    with database.read() as connection:
        state = connection.execute(select(notice_state)).first()
        if state is None:
            return None
        newer = select(audit.c.id).where(audit.c.id > state.audit_id).limit(1)
        fresh: list[str] = []
        until = state.used_at
        for page in _pages(connection, state.used_at - back):
            fresh += _unknown(connection, page)
            until = page[-1].last_used_at
            if len(fresh) >= _AT_ONCE:
                break
        # A gateway whose clock is ahead mustn't hide what the others write.
        until = min(until, datetime.now(UTC))
        is_old = until - state.used_at > _BOOKMARK_EVERY
        return _News(connection.execute(newer).first() is not None, fresh, until, is_old)


def _pages(connection: Connection, since: datetime) -> Iterator[Sequence[Any]]:
    """The uses after that moment, the oldest first."""
    wanted = select(*_USE, app_passwords.c.last_used_address).order_by(*_USE).limit(_AT_ONCE)
    page = connection.execute(wanted.where(app_passwords.c.last_used_at > since)).all()
    while page:
        yield page
        last = (page[-1].last_used_at, page[-1].id)
        page = connection.execute(wanted.where(tuple_(*_USE) > last)).all()


def _unknown(connection: Connection, page: Sequence[Any]) -> list[str]:
    among = known_networks.c.app_password_id.in_([row.id for row in page])
    known = {
        (row.app_password_id, row.network) for row in connection.execute(select(known_networks).where(among))
    }
    return [row.id for row in page if (row.id, network_of(row.last_used_address)) not in known]


def _begin(database: Database) -> None:
    """Remember the networks of before. Page by page, so that other writers needn't wait long."""
    now = datetime.now(UTC)
    with database.read() as connection:
        newest = connection.execute(select(func.coalesce(func.max(audit.c.id), 0))).scalar_one()
    after = ""
    while page := _used(database, after):
        after = page[-1].id
        with database.write() as connection:
            unknown = set(_unknown(connection, page))
            rows = [(row.id, network_of(row.last_used_address)) for row in page if row.id in unknown]
            if rows:
                values = [{"app_password_id": id, "network": network} for id, network in rows]
                connection.execute(insert(known_networks), values)
    with database.write() as connection:
        if connection.execute(select(notice_state)).first() is None:  # of another portal, as new as ours
            connection.execute(insert(notice_state).values(id=1, audit_id=newest, used_at=now))


def _used(database: Database, after: str) -> Sequence[Any]:
    used = and_(app_passwords.c.id > after, app_passwords.c.last_used_at.is_not(None))
    wanted = select(app_passwords.c.id, app_passwords.c.last_used_address).where(used)
    with database.read() as connection:
        return connection.execute(wanted.order_by(app_passwords.c.id).limit(_AT_ONCE)).all()


def _of_the_trail(connection: Connection) -> list[dict[str, Any]]:
    after = select(notice_state.c.audit_id).scalar_subquery()
    wanted = select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(_AT_ONCE)
    rows = connection.execute(wanted).all()
    if rows:
        connection.execute(update(notice_state).values(audit_id=rows[-1].id))
    return [_event(row.login, row.action, row.at, row.actor, row.detail) for row in rows if row.login]


def _of_uses(connection: Connection, fresh: Sequence[str]) -> list[dict[str, Any]]:
    """First uses, and uses from networks that the app password wasn't used from before."""
    used = (
        select(app_passwords.c.id, app_passwords.c.name.label("called"))
        .add_columns(app_passwords.c.last_used_at, app_passwords.c.last_used_protocol)
        .add_columns(app_passwords.c.last_used_address, app_passwords.c.last_used_client, names.c.name)
        .join(names, and_(names.c.user_id == app_passwords.c.user_id, names.c.rank == 0))
        .where(app_passwords.c.id.in_(fresh))
        .order_by(*_USE)
    )
    events = [_use(connection, row) for row in connection.execute(used).all()] if fresh else []
    return [event for event in events if event is not None]


def _use(connection: Connection, row: Any) -> dict[str, Any] | None:
    network = network_of(row.last_used_address)
    mine = known_networks.c.app_password_id == row.id
    known = set(connection.execute(select(known_networks.c.network).where(mine)).scalars())
    if network in known:  # another portal was faster
        return None
    connection.execute(insert(known_networks).values(app_password_id=row.id, network=network))
    words = {"id": row.id, "name": row.called, "protocol": row.last_used_protocol}
    words |= {"address": row.last_used_address, "client": row.last_used_client}
    what = NEW_NETWORK if known else FIRST_USED
    return _event(row.name, what, row.last_used_at, "gateway", json.dumps(words))


def _event(login: str, event: str, at: datetime, actor: str, detail: str) -> dict[str, Any]:
    return {"login": login, "event": event, "at": at, "actor": actor, "detail": detail}
