"""The second step by a passkey."""

from starlette.responses import Response

from portal.languages import marked
from portal.second_step.asking import admit, refuse
from portal.second_step.passkey_ceremony import was_shown
from portal.visit import Visit

_REFUSED = marked("This passkey wasn't accepted. Try again, or use another way.")


def check(visit: Visit) -> Response:
    """The answer of the browser.

    Wrong ones aren't counted: signatures can't be guessed, and whoever tries codes in the user's name must
    not keep the user's passkey out.
    """
    if not was_shown(visit, visit.form.get("answer", "")):
        return refuse(visit, _REFUSED)
    return admit(visit, "passkey")
