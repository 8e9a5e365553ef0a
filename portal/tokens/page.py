"""The list of tokens, making one that is shown once, and revoking one after a Yes."""

from datetime import UTC, datetime, timedelta

from starlette.responses import Response

from portal.languages import translated
from portal.log import log
from portal.visit import Visit
from store.domain_names import normalise_domain
from store.portal import pending, tokens
from store.portal.tokens import Token, TokenRole
from store.printable import printable

_WHAT = "api token"
_SHOWN_WITHIN = timedelta(minutes=10)
_DAYS = {"30": 30, "90": 90, "365": 365}
_LONGEST_NAME = 64
# One that acts for users creates app passwords for others, which no role of people may.
_MADE_HERE = (TokenRole.AUDITOR, TokenRole.HELP_DESK, TokenRole.ADMINISTRATOR)


class _Wrong(Exception):
    """Something in the form; the message says what is allowed."""


def show(visit: Visit) -> Response:
    """Those for the reader's domains, and the form for another."""
    return _list(visit, "", 200)


def create(visit: Visit) -> Response:
    """Make it, and show it once on the next page."""
    form, state = visit.form, visit.state
    name = form.get("name", "").strip()
    try:
        role, domains, expires_at = (
            _role(form.get("role", "")),
            _domains(visit),
            _expiry(form.get("days", "")),
        )
        if not name or printable(name, _LONGEST_NAME) != name:
            raise _Wrong("Give it a name of 1 to 64 characters.")
    except _Wrong as wrong:
        return _list(visit, str(wrong), 400)
    user = visit.who.user
    token = tokens.create(
        state.database, name, role, domains, expires_at, made_by=user.id, actor=f"portal:{user.login}"
    )
    if token is None:
        return _list(visit, translated("There is a token of this name already. Choose another name."), 400)
    log.info("token created", token=name, by=visit.who.user.login, address=visit.address)
    value = {"name": name, "secret": token}
    pending.put_aside(state.database, state.key, visit.here, _WHAT, value, _SHOWN_WITHIN)
    return visit.go_to("/help-desk/tokens/new")


def show_once(visit: Visit) -> Response:
    """The token. Loaded again, it's gone."""
    value = pending.take(visit.state.database, visit.state.key, visit.here, _WHAT)
    return visit.show("token.html", **value) if value is not None else visit.go_to("/help-desk/tokens")


def ask(visit: Visit) -> Response:
    """Which one, and what revoking it means."""
    found = _named(visit, visit.request.query_params.get("name", ""))
    return visit.show("token_revoke.html", one=found) if found else visit.go_to("/help-desk/tokens")


def revoke(visit: Visit) -> Response:
    """After the Yes."""
    found = _named(visit, visit.form.get("name", ""))
    if found is not None:
        tokens.revoke(visit.state.database, found.name, actor=f"portal:{visit.who.user.login}")
        log.info("token revoked", token=found.name, by=visit.who.user.login, address=visit.address)
    return visit.go_to("/help-desk/tokens")


def _list(visit: Visit, error: str, status: int) -> Response:
    return visit.show(
        "tokens.html",
        status,
        tokens=_mine(visit),
        error=error,
        form=visit.form,
        domains=sorted(visit.power.domains),
    )


def _mine(visit: Visit) -> list[Token]:
    """Those that reach no further than the reader does."""
    domains = visit.power.domains
    found = tokens.tokens(visit.state.database)
    return [one for one in found if not domains or (one.domains and one.domains <= domains)]


def _named(visit: Visit, name: str) -> Token | None:
    return next((one for one in _mine(visit) if one.name == name), None)


def _role(text: str) -> TokenRole:
    found = next((one for one in TokenRole if one.value == text), None)
    if found is TokenRole.SELF_SERVICE:
        raise _Wrong("A token that acts for users is made on the command line: wicketgate token create.")
    if found not in _MADE_HERE:
        raise _Wrong("Choose what it may do.")
    return found


def _domains(visit: Visit) -> list[str]:
    """None for all, which only who has all may give."""
    wanted = [normalise_domain(word) for word in visit.form.get("domains", "").replace(",", " ").split()]
    if None in wanted:
        raise _Wrong("A domain is written as in example.org.")
    found = [one for one in wanted if one is not None]
    mine = visit.power.domains
    if mine and (not found or not set(found) <= mine):
        raise _Wrong("Name domains of yours alone.")
    return found


def _expiry(days: str) -> datetime | None:
    if not days:
        return None
    if days not in _DAYS:
        raise _Wrong("Choose how long it is to last.")
    return datetime.now(UTC) + timedelta(days=_DAYS[days])
