"""The page that users see first."""

from starlette.responses import Response

from portal.app_passwords.policy import counted
from portal.visit import Visit
from store.portal import methods, recovery


def show(visit: Visit) -> Response:
    """App passwords, second steps and codes, with what can be done about each."""
    database, account = visit.state.database, visit.who
    return visit.show(
        "overview.html",
        live=counted(visit),
        limit=visit.state.settings.policy.max_app_passwords,
        methods=methods.of_user(database, account.user.id),
        codes=recovery.left(database, account.user.id),
    )
