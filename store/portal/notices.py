"""What users and other programs are to be told, kept until they were: nothing is lost in a restart.

Any number of portals may send: whoever claims a notice has it for some minutes. Every function raises
StoreUnavailable when the store can't decide.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from store.database import Database
from store.portal.schema import mailed, notices

_AT_ONCE = 500
# So long whoever has claimed some may take. Should it die, they are sent again afterwards.
CLAIMED = timedelta(minutes=5)
_GIVEN_UP, _GIVEN_UP_UNTRIED = timedelta(days=1), timedelta(days=7)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
_NO_TIME = timedelta(0)


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
    queued_at: datetime
    tries: int


def put(
    connection: Connection, events: Sequence[dict[str, Any]], wanted: Mapping[Channel, Collection[str]]
) -> int:
    """Add events for the channels that want them; how many that are."""
    now = datetime.now(UTC)
    rows = [
        {**event, "channel": channel.value, "tries": 0, "queued_at": now, "next_at": now}
        for event in events
        for channel, some in wanted.items()
        if event["event"] in some
    ]
    if rows:
        connection.execute(insert(notices), rows)
    return len(rows)


def claim(database: Database, channel: Channel, digest: timedelta = _NO_TIME) -> list[Notice]:
    """Some that are due, for the caller alone. Mail is for users whose last one is as old as the digest."""
    now = datetime.now(UTC)
    due = [notices.c.channel == channel.value, notices.c.next_at <= now]
    if channel is Channel.MAIL:
        # Nor for those whom another portal is writing to, or whose mail couldn't be sent: it all goes in one.
        held = select(notices.c.login).where(notices.c.channel == channel.value, notices.c.next_at > now)
        lately = select(mailed.c.login).where(mailed.c.at > now - digest)
        due += [notices.c.login.not_in(held), notices.c.login.not_in(lately)]
    # What couldn't be sent mustn't keep the others from being tried.
    wanted = select(notices).where(*due).order_by(notices.c.tries, notices.c.id).limit(_AT_ONCE)
    with database.read() as connection:
        if connection.execute(wanted.limit(1)).first() is None:
            return []
    with database.write() as connection:
        rows = connection.execute(wanted).all()
        ids = [row.id for row in rows]
        connection.execute(update(notices).where(notices.c.id.in_(ids)).values(next_at=now + CLAIMED))
    return [_notice(row) for row in rows]


def done(database: Database, sent: Sequence[Notice], *, mailed_to: str = "") -> None:
    """They were told; by mail to that login, whose digest begins now."""
    with database.write() as connection:
        connection.execute(delete(notices).where(notices.c.id.in_([one.id for one in sent])))
        if mailed_to:
            connection.execute(delete(mailed).where(mailed.c.login == mailed_to))
            connection.execute(insert(mailed).values(login=mailed_to, at=datetime.now(UTC)))


def failed(database: Database, unsent: Sequence[Notice]) -> int:
    """Try again later, each time after a longer pause; how many are given up, as they have waited a day."""
    now = datetime.now(UTC)
    old = [one.id for one in unsent if now - one.queued_at > _GIVEN_UP]
    with database.write() as connection:
        connection.execute(delete(notices).where(notices.c.id.in_(old)))
        for one in unsent:
            pause = min(_FIRST_PAUSE * 2 ** min(one.tries, 10), _LONGEST_PAUSE)
            later = update(notices).where(notices.c.id == one.id)
            connection.execute(later.values(tries=one.tries + 1, next_at=now + pause))
    return len(old)


def give_back(database: Database, untried: Sequence[Notice], *, is_server_down: bool = False) -> int:
    """Others of the claimed ones, for whoever claims next, or after a pause; how many are given up.

    That are those that have waited for a week: a server that never comes back doesn't fill the store.
    """
    now = datetime.now(UTC)
    old = [one.id for one in untried if now - one.queued_at > _GIVEN_UP_UNTRIED]
    next_at = now + (_FIRST_PAUSE if is_server_down else _NO_TIME)
    with database.write() as connection:
        connection.execute(delete(notices).where(notices.c.id.in_(old)))
        mine = notices.c.id.in_([one.id for one in untried])
        connection.execute(update(notices).where(mine).values(next_at=next_at))
    return len(old)


def drop(database: Database, channel: Channel) -> None:
    """Whatever waits there, as it's switched off."""
    mine = notices.c.channel == channel.value
    with database.read() as connection:
        if connection.execute(select(notices.c.id).where(mine).limit(1)).first() is None:
            return
    with database.write() as connection:
        connection.execute(delete(notices).where(mine))


def _notice(row: Any) -> Notice:
    return Notice(row.id, row.login, row.event, row.at, row.actor, row.detail, row.queued_at, row.tries)
