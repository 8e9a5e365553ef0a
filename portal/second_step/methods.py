"""A user's passkeys and authenticator apps: listed, renamed, removed after a Yes."""

from starlette.responses import Response

from portal.log import log
from portal.second_step.registered import chosen_name
from portal.visit import Visit
from store.model import MfaState
from store.portal import methods, recovery, sessions
from store.portal.methods import LastOne, Method


def show(visit: Visit) -> Response:
    """All of them, and how many recovery codes are left."""
    database, user = visit.state.database, visit.who.user
    known = methods.of_user(database, user.id)
    return visit.show("methods.html", methods=known, codes=recovery.left(database, user.id))


def ask_name(visit: Visit) -> Response:
    """The form with its present name."""
    found = _found(visit, visit.request.query_params.get("id", ""))
    return visit.show("method_rename.html", method=found) if found else visit.go_to("/methods")


def rename(visit: Visit) -> Response:
    """Its new name. An empty one leaves it as it was."""
    found, user = _found(visit, visit.form.get("id", "")), visit.who.user
    name = chosen_name(visit, "")
    if found is not None and name and name != found.name:
        methods.rename(visit.state.database, user.id, found, name, actor=f"portal:{user.login}")
    return visit.go_to("/methods")


def ask(visit: Visit) -> Response:
    """What removing it means, or why it has to stay."""
    found = _found(visit, visit.request.query_params.get("id", ""))
    if found is None:
        return visit.go_to("/methods")
    return _must_stay(visit, found) if _is_needed(visit) else visit.show("method_remove.html", method=found)


def remove(visit: Visit) -> Response:
    """It's gone at once, and the user's other sessions end: they may be the lost device's (ASVS 7.4.3)."""
    found, user = _found(visit, visit.form.get("id", "")), visit.who.user
    if found is None:
        return visit.go_to("/methods")
    database = visit.state.database
    removed = methods.remove(database, user.id, found, actor=f"portal:{user.login}")
    if isinstance(removed, LastOne):
        return _must_stay(visit, found)
    if removed:
        log.info("second step removed", user=user.login, kind=found.kind.value, address=visit.address)
        sessions.end_others(database, user.id, keep=visit.here)
    return visit.go_to("/methods")


def _found(visit: Visit, id: str) -> Method | None:
    """One of this user's own, and no other's."""
    known = methods.of_user(visit.state.database, visit.who.user.id)
    return next((one for one in known if one.id == id), None)


def _is_needed(visit: Visit) -> bool:
    user = visit.who.user
    enforced = user.mfa is MfaState.ENFORCED
    return enforced and len(methods.of_user(visit.state.database, user.id)) == 1


def _must_stay(visit: Visit, method: Method) -> Response:
    return visit.show("method_needed.html", 409, method=method)
