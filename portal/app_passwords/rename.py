"""Another name for one. Whatever uses it goes on."""

from starlette.responses import Response

from portal.app_passwords.own import asked_for
from portal.visit import Visit
from store import app_passwords
from store.app_passwords import InvalidName


def show(visit: Visit) -> Response:
    """The form."""
    found = asked_for(visit)
    if found is None:
        return visit.go_to("/app-passwords")
    return visit.show("rename.html", app_password=found, name=found.name, error="")


def rename(visit: Visit) -> Response:
    """The name, if it can be one."""
    found = asked_for(visit)
    user, name = visit.who.user, visit.form.get("name", "").strip()
    if found is None:
        return visit.go_to("/app-passwords")
    try:
        app_passwords.rename(visit.state.database, user.id, found.id, name, actor=f"portal:{user.login}")
    except InvalidName as error:
        return visit.show("rename.html", 400, app_password=found, name=name, error=str(error))
    return visit.go_to("/app-passwords")
