"""What registering any second step begins and ends with."""

from starlette.responses import Response

from portal.gate import is_fresh
from portal.visit import Visit, with_session, without_session
from store.portal import links, methods, registration, sessions
from store.portal.registration import NotRegistered
from store.portal.sessions import Stage
from store.printable import printable

_LONGEST_NAME = 64
_MOST = 20


def not_fresh(visit: Visit) -> Response | None:
    """Who has a second step already shows it first: a password alone may only register the first one.

    Nobody needs very many, and each app makes it a little easier to guess a code.

    Who had one, and whose help desk has reset it, needs the link besides.
    """
    registered = registration.has_second_step(visit.state.database, visit.who.user.id)
    if (registered or _was_done_elsewhere(visit)) and not is_fresh(visit.here, visit.state):
        return visit.go_to("/second-step?to=/register")
    if not registered and links.is_missing(visit.state.database, visit.here):
        return visit.show("enrol_needed.html", 403)
    if registered and len(methods.of_user(visit.state.database, visit.who.user.id)) >= _MOST:
        return visit.show("method_enough.html", 409, most=_MOST)
    return None


def _was_done_elsewhere(visit: Visit) -> bool:
    """Whose second step is the provider's shows it there, before another one is added here."""
    return visit.state.provider is not None and visit.here.stage is Stage.SECOND_STEP


def chosen_name(visit: Visit, otherwise: str) -> str:
    """What the user calls it, on one line."""
    return printable(visit.form.get("name", "").strip(), _LONGEST_NAME) or otherwise


def only_first(visit: Visit) -> bool:
    """Whether this session has shown a password alone, so that the store must look once more."""
    return visit.here.stage is Stage.PASSWORD


def finish(visit: Visit, codes: list[str] | NotRegistered) -> Response:
    """The user's other sessions end, and this one goes on under another token (ASVS 7.2.4, 7.4.3)."""
    if isinstance(codes, NotRegistered):
        return visit.go_to("/register")
    state = visit.state
    sessions.end_others(state.database, visit.who.user.id, keep=visit.here)
    token = sessions.step_up(state.database, visit.here)
    if token is None:
        return without_session(visit.go_to("/sign-in"))
    if not codes:
        return with_session(visit.go_to("/methods"), token)
    return with_session(visit.show("recovery_codes.html", codes=codes, first=True), token)
