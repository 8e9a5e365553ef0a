"""Recovery codes: how many are left, and new ones."""

from starlette.responses import Response

from portal.visit import Visit
from store.portal import recovery, registration, sessions


def show(visit: Visit) -> Response:
    """How many are left. Those that there are can't be shown again."""
    left = recovery.left(visit.state.database, visit.who.user.id)
    return visit.show("recovery.html", left=left)


def renew(visit: Visit) -> Response:
    """Ten new ones; the old ones are void."""
    state, user = visit.state, visit.who.user
    codes = registration.renew_recovery_codes(
        state.database, state.key, user.id, actor=f"portal:{user.login}"
    )
    sessions.end_others(state.database, user.id, keep=visit.here)
    return visit.show("recovery_codes.html", codes=codes, first=False)
