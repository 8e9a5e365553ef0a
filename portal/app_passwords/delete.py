"""Deleting one or all, after a Yes. It's always allowed."""

from starlette.responses import Response

from portal.app_passwords.own import asked_for
from portal.app_passwords.policy import held
from portal.log import log
from portal.visit import Visit
from store import app_passwords


def ask(visit: Visit) -> Response:
    """Which one, and what deleting it means."""
    found = asked_for(visit)
    return visit.show("delete.html", app_password=found) if found else visit.go_to("/app-passwords")


def delete(visit: Visit) -> Response:
    """Its devices are cut within a second. Who deleted it to make room goes on creating."""
    found = asked_for(visit)
    user = visit.who.user
    if found is not None:
        app_passwords.delete(visit.state.database, user.id, found.id, actor=f"portal:{user.login}")
        log.info("app password deleted", user=user.login, app_password_id=found.id, address=visit.address)
    makes_room = visit.form.get("then") == "create"
    return visit.go_to("/app-passwords/create" if makes_room else "/app-passwords")


def ask_all(visit: Visit) -> Response:
    """How many."""
    live = held(visit)
    return visit.show("delete_all.html", live=live) if live else visit.go_to("/app-passwords")


def delete_all(visit: Visit) -> Response:
    """All devices are cut within a second."""
    user = visit.who.user
    app_passwords.delete_all(visit.state.database, user.id, actor=f"portal:{user.login}")
    log.info("all app passwords deleted", user=user.login, address=visit.address)
    return visit.go_to("/app-passwords")
