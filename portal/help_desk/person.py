"""All that a help desk needs to know about one user, without any secret."""

from datetime import UTC, datetime

from starlette.responses import Response

from portal.help_desk.whose import asked_for, obstacle, to_change
from portal.sessions.browser import browser_of
from portal.trouble.devices import devices
from portal.visit import Visit
from store.model import User
from store.portal import failures, methods, provider_accounts, recovery, roles, sessions
from store.portal.sessions import Session
from store.refused_logins import list_refused


def show(visit: Visit) -> Response:
    """State, methods and counts, app passwords, refusals, sessions."""
    account = asked_for(visit)
    if account is None:
        return visit.not_found()
    database, user = visit.state.database, account.user
    return visit.show(
        "help_desk_user.html",
        user=user,
        role=roles.held(database, user.id),
        methods=methods.of_user(database, user.id),
        codes=recovery.left(database, user.id),
        live=[one for one in reversed(account.app_passwords) if one.deleted_at is None],
        limit=visit.state.settings.policy.max_app_passwords,
        devices=devices(list_refused(database, user.login), {}),
        sessions=[(one, browser_of(one.agent)) for one in _live_sessions(visit, user)],
        provider_account=provider_accounts.of_user(database, user.id),
        streaks=failures.streaks(database, user.id),
        obstacle=obstacle(to_change(visit)),
    )


def _live_sessions(visit: Visit, user: User) -> list[Session]:
    now, lifetime = datetime.now(UTC), visit.state.lifetime
    return [
        one
        for one in sessions.of_user(visit.state.database, user.id)
        if now - one.seen_at <= lifetime.idle and now - one.created_at <= lifetime.absolute
    ]
