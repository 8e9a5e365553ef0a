"""The second step of somebody who has registered: a code of the app, or a recovery code."""

from starlette.responses import Response

from portal.languages import marked
from portal.log import log
from portal.second_step.asking import admit, ask, refuse
from portal.visit import Visit
from store.portal import authenticators, failures, recovery, registration
from store.portal.sessions import Stage


def show(visit: Visit) -> Response:
    """The form, with one field for either."""
    if registration.has_second_step(visit.state.database, visit.who.user.id):
        return ask(visit)
    if visit.state.provider is not None and visit.here.stage is Stage.SECOND_STEP:
        # Where the second step was done.
        return visit.go_to(visit.on_the_way("/sign-in/oidc?fresh=1", visit.destination))
    return visit.go_to("/register")


def check(visit: Visit) -> Response:
    """The code. A user has ten tries in ten minutes, however many browsers they come from."""
    user, state = visit.who.user, visit.state
    if not registration.has_second_step(state.database, user.id):
        return visit.go_to("/register")
    if not failures.take_a_try(state.database, user.id):
        log.warning("portal second step", user=user.login, address=visit.address, verdict="too many failures")
        return ask(visit, marked("There were too many wrong codes. Wait ten minutes, then try again."), 429)
    if not _accepted(visit, visit.form.get("code", "")):
        return refuse(
            visit, marked("This code isn't right, or was used before. Wait for the next one, then try again.")
        )
    failures.forgive(state.database, user.id)
    return admit(visit, "code")


def _accepted(visit: Visit, code: str) -> bool:
    state, user_id = visit.state, visit.who.user.id
    if len(code) > 100:
        return False
    return authenticators.accept(state.database, state.key, user_id, code) or recovery.use(
        state.database, state.key, user_id, code
    )
