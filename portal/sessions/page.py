"""The page of a user's sessions: where and since when, and ending them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.responses import Response

from portal.log import log
from portal.sessions.browser import browser_of
from portal.visit import Visit
from store.portal import sessions
from store.portal.sessions import Session, Stage


@dataclass(frozen=True, slots=True)
class Row:
    """One session as its user knows it."""

    session: Session
    id: str
    browser: str
    is_here: bool
    half_way: bool


def show(visit: Visit) -> Response:
    """All that aren't over, the newest first."""
    here = visit.here
    rows = [
        Row(one, id_of(one), browser_of(one.agent), one.digest == here.digest, one.stage is Stage.PASSWORD)
        for one in _live(visit)
    ]
    rows.sort(key=lambda row: not row.is_here)
    return visit.show("sessions.html", rows=rows)


def end(visit: Visit) -> Response:
    """One other session of this user's."""
    wanted = visit.form.get("id", "")
    for one in _live(visit):
        if id_of(one) == wanted and one.digest != visit.here.digest:
            sessions.end(visit.state.database, one)
            _told(visit, 1)
    return visit.go_to("/sessions")


def end_others(visit: Visit) -> Response:
    """All but this one."""
    _told(visit, sessions.end_others(visit.state.database, visit.who.user.id, keep=visit.here))
    return visit.go_to("/sessions")


def id_of(session: Session) -> str:
    """What the session is called in a form; nothing follows from it."""
    return session.digest.hex()[:24]


def _live(visit: Visit) -> list[Session]:
    now, lifetime = datetime.now(UTC), visit.state.lifetime
    return [
        one
        for one in sessions.of_user(visit.state.database, visit.who.user.id)
        if now - one.seen_at <= lifetime.idle and now - one.created_at <= lifetime.absolute
    ]


def _told(visit: Visit, number: int) -> None:
    log.info("portal sessions ended", user=visit.who.user.login, address=visit.address, number=number)
