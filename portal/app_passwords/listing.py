"""The list: what each app password is for, and when it was last used."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from portal.app_passwords.policy import counted, held, may_create
from portal.languages import marked
from portal.visit import Visit
from store.model import AppPassword

_UNUSED = timedelta(days=90)
_SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Row:
    """One app password and what is to be noticed about it."""

    app_password: AppPassword
    badges: tuple[str, ...]


def show(visit: Visit) -> Response:
    """All that are not deleted, the newest first. Who has none and may create none is told so."""
    live, may = held(visit), may_create(visit)
    if not live and not may:
        return visit.show("not_allowed.html", 403)
    return visit.show(
        "app_passwords.html",
        rows=[Row(one, tuple(_badges(one, datetime.now(UTC)))) for one in reversed(live)],
        counted=counted(visit),
        limit=visit.state.settings.policy.max_app_passwords,
        may_create=may,
    )


def _badges(one: AppPassword, now: datetime) -> list[str]:
    badges = []
    if one.expires_at is not None and one.expires_at <= now:
        badges.append(marked("expired"))
    elif one.expires_at is not None and one.expires_at - now < _SOON:
        badges.append(marked("expires soon"))
    if one.last_used is None:
        badges.append(marked("never used"))
    elif now - one.last_used.at > _UNUSED:
        badges.append(marked("unused for 90 days"))
    return badges
