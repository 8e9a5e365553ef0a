"""The page for "my app password isn't working"."""

from starlette.responses import Response

from portal.app_passwords.policy import may_create
from portal.log import log
from portal.trouble.devices import Trouble, devices
from portal.visit import Visit
from store import users
from store.portal import dismissed
from store.refused_logins import list_refused


def show(visit: Visit) -> Response:
    """Which of the user's devices are refused, and what helps."""
    unlocked = "unlocked" in visit.request.query_params
    return visit.show(
        "trouble.html", devices=_devices(visit), may_create=may_create(visit), unlocked=unlocked
    )


def dismiss(visit: Visit) -> Response:
    """Don't show this device again, unless it fails again."""
    wanted = visit.form.get("device", "")
    for one in _devices(visit):
        if one.key == wanted:
            dismissed.dismiss(visit.state.database, visit.who.user.id, one.client, one.address)
    return visit.go_to("/trouble")


def unlock(visit: Visit) -> Response:
    """The gateways count the user's failed logins anew, but not those of an address that failed with many.

    Who is here has shown both steps.
    """
    user = visit.who.user.login
    users.unlock(visit.state.database, user, actor=f"portal:{user}")
    log.info("logins unlocked", user=user, address=visit.address)
    return visit.go_to("/trouble?unlocked=yes")


def _devices(visit: Visit) -> list[Trouble]:
    database, user = visit.state.database, visit.who.user
    return devices(list_refused(database, user.login), dismissed.dismissed(database, user.id))
