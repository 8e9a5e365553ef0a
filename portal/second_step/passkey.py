"""Registering a passkey: the browser creates it, and its public half comes here."""

from starlette.responses import Response

from portal.languages import marked, translated
from portal.log import log
from portal.second_step.passkey_ceremony import ask_to_create, created
from portal.second_step.registered import chosen_name, finish, not_fresh, only_first
from portal.visit import Visit
from store.portal import registration
from store.portal.registration import NotRegistered

_FAILED = marked("The passkey could not be registered. Try again, or choose the authenticator app.")


def show(visit: Visit) -> Response:
    """The button that creates one."""
    return not_fresh(visit) or _offer(visit, "")


def register(visit: Visit) -> Response:
    """What the browser says it has created."""
    if (elsewhere := not_fresh(visit)) is not None:
        return elsewhere
    state, user = visit.state, visit.who.user
    made = created(visit, visit.form.get("answer", ""))
    if made is None:
        return _offer(visit, _FAILED)
    codes = registration.register_passkey(
        state.database,
        state.key,
        user.id,
        chosen_name(visit, translated("Passkey")),
        made,
        only_first=only_first(visit),
        session=visit.here.digest,
        actor=f"portal:{user.login}",
    )
    if isinstance(codes, NotRegistered):
        return _offer(visit, _FAILED)
    log.info("passkey registered", user=user.login, address=visit.address)
    return finish(visit, codes)


def _offer(visit: Visit, error: str) -> Response:
    status = 403 if error else 200
    return visit.show("register_passkey.html", status, options=ask_to_create(visit), error=error)
