"""The second step of somebody who has registered: a code of the app, or a recovery code."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import ceil

from babel.dates import format_timedelta
from starlette.responses import Response

from portal.languages import marked, translated
from portal.languages.speaking import spoken
from portal.log import log
from portal.second_step.asking import admit, ask, refuse
from portal.visit import Visit
from store.portal import authenticators, failures, recovery, registration
from store.portal.failures import Kind, Streak
from store.portal.sessions import Stage

_LONGEST = 100
_WAIT = marked("There were too many wrong codes in a row. Wait {time}, then try again, or use another way.")
_LOCKED: Mapping[Kind, str] = {
    Kind.APP: marked(
        "There were so many wrong codes in a row that codes of your authenticator app aren't taken any more. "
        "Use a recovery code or a passkey, or ask your help desk to unlock you."
    ),
    Kind.RECOVERY: marked(
        "There were so many wrong recovery codes in a row that they aren't taken any more. Use your "
        "authenticator app or a passkey, or ask your help desk to unlock you."
    ),
}


def show(visit: Visit) -> Response:
    """The form, with one field for either."""
    if registration.has_second_step(visit.state.database, visit.who.user.id):
        return ask(visit)
    if visit.state.provider is not None and visit.here.stage is Stage.SECOND_STEP:
        # Where the second step was done.
        return visit.go_to(visit.on_the_way("/sign-in/oidc?fresh=1", visit.destination))
    return visit.go_to("/register")


def check(visit: Visit) -> Response:
    """The code. Tries are counted for the user, however many browsers they come from."""
    user, state = visit.who.user, visit.state
    if not registration.has_second_step(state.database, user.id):
        return visit.go_to("/register")
    code = visit.form.get("code", "")[:_LONGEST]
    kind = Kind.APP if authenticators.is_code(code) else Kind.RECOVERY
    if (against := failures.take_a_try(state.database, user.id, kind)) is not None:
        verdict = "locked" if against.is_locked else "too many failures"
        log.warning("portal second step", user=user.login, address=visit.address, verdict=verdict)
        return ask(visit, _sentence(against), 429)
    take = authenticators.accept if kind is Kind.APP else recovery.use
    if not take(state.database, state.key, user.id, code):
        failures.note_failure(state.database, user.id, kind)
        return refuse(
            visit, marked("This code isn't right, or was used before. Wait for the next one, then try again.")
        )
    failures.forgive(state.database, user.id)
    return admit(visit, kind.value)


def _sentence(against: Streak) -> str:
    """Why no code is looked at now, and what helps."""
    if against.is_locked:
        return translated(_LOCKED[against.kind])
    left = timedelta(seconds=ceil((against.next_at - datetime.now(UTC)).total_seconds()))
    return translated(_WAIT).format(time=format_timedelta(left, granularity="second", locale=spoken()))
