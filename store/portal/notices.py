"""What users and other programs are to be told, kept until they were: nothing is lost in a restart.

Events come from the audit trail and from the last uses of app passwords, so it doesn't matter who caused
them: pages, commands, the API or the gateway. Every function raises StoreUnavailable when the store can't
decide.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from store.database import Database
from store.portal.schema import known_networks, mailed, notice_state, notices
from store.schema import app_passwords, audit, names

_AT_ONCE = 500
# So long whoever has claimed some may take. Should it die, they are sent again afterwards.
_CLAIMED = timedelta(minutes=5)
_GIVEN_UP = timedelta(days=1)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
FIRST_USED, NEW_NETWORK = "app-password-first-used", "app-password-used-from-new-network"


class Channel(StrEnum):
    """How something is told."""

    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Notice:
    """One event for one channel. `detail` is what the audit trail says, or the app password and its use."""

    id: int
    login: str
    event: str
    at: datetime
    actor: str
    detail: str
    tries: int


def gather(database: Database, wanted: dict[Channel, Collection[str]]) -> int:
    """Put what has happened since the last time aside, for the channels that want it; how many that are.

    The first time it only remembers where it is: nobody is told of what was before.
    """
    if not _is_something_new(database):
        return 0
    with database.write() as connection:
        state = connection.execute(select(notice_state)).first()
        if state is None:
            _begin(connection)
            return 0
        events = [*_of_the_trail(connection, state.audit_id), *_of_uses(connection, state)]
        rows = [
            {**event, "channel": channel.value, "tries": 0, "next_at": event["at"]}
            for event in events
            for channel, some in wanted.items()
            if event["event"] in some
        ]
        if rows:
            connection.execute(insert(notices), rows)
        return len(rows)


def claim(database: Database, channel: Channel, digest: timedelta = timedelta(0)) -> list[Notice]:
    """Some that are due, for the caller alone. With a digest, of users whose last mail is that old."""
    now = datetime.now(UTC)
    due = [notices.c.channel == channel.value, notices.c.next_at <= now]
    lately = select(mailed.c.login).where(mailed.c.at > now - digest)
    if digest:
        due.append(notices.c.login.not_in(lately))
    wanted = select(notices).where(*due).order_by(notices.c.id).limit(_AT_ONCE)
    with database.read() as connection:
        if connection.execute(wanted.limit(1)).first() is None:
            return []
    with database.write() as connection:
        rows = connection.execute(wanted).all()
        ids = [row.id for row in rows]
        connection.execute(update(notices).where(notices.c.id.in_(ids)).values(next_at=now + _CLAIMED))
    return [Notice(row.id, row.login, row.event, row.at, row.actor, row.detail, row.tries) for row in rows]


def done(database: Database, sent: Sequence[Notice], *, mailed_to: str = "") -> None:
    """They were told; by mail to that login, whose digest begins now."""
    with database.write() as connection:
        connection.execute(delete(notices).where(notices.c.id.in_([one.id for one in sent])))
        if mailed_to:
            connection.execute(delete(mailed).where(mailed.c.login == mailed_to))
            connection.execute(insert(mailed).values(login=mailed_to, at=datetime.now(UTC)))


def failed(database: Database, unsent: Sequence[Notice]) -> int:
    """Try again later, each time after a longer pause; how many are given up, as they are a day old."""
    now = datetime.now(UTC)
    old = [one.id for one in unsent if now - one.at > _GIVEN_UP]
    with database.write() as connection:
        connection.execute(delete(notices).where(notices.c.id.in_(old)))
        for one in unsent:
            pause = min(_FIRST_PAUSE * 2 ** min(one.tries, 10), _LONGEST_PAUSE)
            later = update(notices).where(notices.c.id == one.id)
            connection.execute(later.values(tries=one.tries + 1, next_at=now + pause))
    return len(old)


def _is_something_new(database: Database) -> bool:
    """Looked at without keeping writers out, as mostly there is nothing."""
    with database.read() as connection:
        state = connection.execute(select(notice_state)).first()
        if state is None:
            return True
        used = select(app_passwords.c.id).where(app_passwords.c.last_used_at > state.used_at)
        newer = (select(audit.c.id).where(audit.c.id > state.audit_id), used)
        return any(connection.execute(one.limit(1)).first() is not None for one in newer)


def _begin(connection: Connection) -> None:
    now = datetime.now(UTC)
    newest = connection.execute(select(func.coalesce(func.max(audit.c.id), 0))).scalar_one()
    connection.execute(insert(notice_state).values(id=1, audit_id=newest, used_at=now, since=now))


def _of_the_trail(connection: Connection, after: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(audit).where(audit.c.id > after).order_by(audit.c.id).limit(_AT_ONCE)
    ).all()
    if rows:
        connection.execute(update(notice_state).values(audit_id=rows[-1].id))
    return [_event(row.login, row.action, row.at, row.actor, row.detail) for row in rows if row.login]


def _of_uses(connection: Connection, state: Any) -> list[dict[str, Any]]:
    """First uses, and uses from networks that the app password wasn't used from before."""
    used = (
        select(app_passwords.c.id, app_passwords.c.name.label("called"), app_passwords.c.created_at)
        .add_columns(app_passwords.c.last_used_at, app_passwords.c.last_used_protocol)
        .add_columns(app_passwords.c.last_used_address, app_passwords.c.last_used_client, names.c.name)
        .join(names, and_(names.c.user_id == app_passwords.c.user_id, names.c.rank == 0))
        .where(app_passwords.c.last_used_at >= state.used_at)
        .order_by(app_passwords.c.last_used_at)
        .limit(_AT_ONCE)
    )
    rows = connection.execute(used).all()
    if rows:
        connection.execute(update(notice_state).values(used_at=rows[-1].last_used_at))
    events = [_use(connection, row, state.since) for row in rows]
    return [event for event in events if event is not None]


def _use(connection: Connection, row: Any, since: datetime) -> dict[str, Any] | None:
    network = network_of(row.last_used_address)
    mine = known_networks.c.app_password_id == row.id
    known = set(connection.execute(select(known_networks.c.network).where(mine)).scalars())
    if network in known:
        return None
    connection.execute(insert(known_networks).values(app_password_id=row.id, network=network))
    if not known and row.created_at < since:  # it was used before anybody looked
        return None
    words = {"id": row.id, "name": row.called, "protocol": row.last_used_protocol}
    words |= {"address": row.last_used_address, "client": row.last_used_client}
    what = NEW_NETWORK if known else FIRST_USED
    return _event(row.name, what, row.last_used_at, "gateway", json.dumps(words))


def network_of(address: str) -> str:
    """The network that counts as one place: a /24, or a /64 of IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{found}/{24 if found.version == 4 else 64}", strict=False))


def _event(login: str, event: str, at: datetime, actor: str, detail: str) -> dict[str, Any]:
    return {"login": login, "event": event, "at": at, "actor": actor, "detail": detail}
