"""The page that asks for the second step, and what follows when it was right."""

from starlette.responses import Response

from portal.log import log
from portal.second_step.passkey_ceremony import ask_to_show
from portal.visit import Visit, with_session, without_session
from store.portal import authenticators, sessions


def ask(visit: Visit, error: str = "", status: int = 200) -> Response:
    """Whatever the user has: a passkey, an app, and always a recovery code."""
    apps = authenticators.of_user(visit.state.database, visit.who.user.id)
    return visit.show(
        "second_step.html",
        status,
        to=visit.destination,
        error=error,
        options=ask_to_show(visit),
        has_app=bool(apps),
    )


def refuse(visit: Visit, error: str) -> Response:
    """What was wrong, and the page again."""
    log.info("portal second step", user=visit.who.user.login, address=visit.address, verdict="refused")
    return ask(visit, error, 403)


def admit(visit: Visit, how: str) -> Response:
    """The session goes on under another token, to where its user wanted."""
    user = visit.who.user.login
    log.info("portal second step", user=user, address=visit.address, verdict="admitted", how=how)
    token = sessions.step_up(visit.state.database, visit.here)
    if token is None:
        return without_session(visit.go_to("/sign-in"))
    return with_session(visit.go_to(visit.destination), token)
