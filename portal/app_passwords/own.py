"""Which app password a request is about: one of the user's own, and no other's."""

from portal.app_passwords.policy import held
from portal.visit import Visit
from store.model import AppPassword


def asked_for(visit: Visit) -> AppPassword | None:
    """The live one whose id stands in the form, or in the address of a page; None for any other."""
    sent = visit.form if visit.request.method == "POST" else visit.request.query_params
    return own_live(visit, sent.get("id", ""))


def own_live(visit: Visit, id: str) -> AppPassword | None:
    """The live one of that id."""
    return next((one for one in held(visit) if one.id == id), None)
