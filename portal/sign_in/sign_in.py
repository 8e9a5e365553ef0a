"""The page with user name and main password."""

from datetime import datetime

from starlette.responses import Response

from portal.gate import account_of
from portal.languages import marked
from portal.log import log
from portal.sign_in.guess import guess_of
from portal.state import CannotCheck
from portal.visit import Visit, with_session, without_session
from store.model import Account
from store.names import normalise_login
from store.portal import registration, sessions
from store.portal.sessions import Stage
from store.printable import printable

_LONGEST = 1024
_WRONG = marked("This user name and password don't fit. Check both, and Caps Lock.")
_TOO_MANY = marked("There were too many wrong passwords. Wait ten minutes, then try again.")


def show(visit: Visit) -> Response:
    """The form."""
    return visit.show("sign_in.html", to=visit.destination, login="", error="")


def check(visit: Visit) -> Response:
    """User name and main password. Whatever is wrong, the same sentence."""
    if visit.state.provider is not None:  # nobody has a main password here
        return visit.go_to("/sign-in")
    login, password = visit.form.get("login", "")[:_LONGEST], visit.form.get("password", "")
    settings = visit.state.settings.login
    octets = login.encode("utf-8", "replace")
    name = normalise_login(octets, settings.default_domain, settings.domains, settings.recipient_delimiter)
    if name is None or not password or len(password) > _LONGEST or "\0" in password:
        return _refused(visit, login, 403, _WRONG)
    account = account_of(visit, name)
    guess = guess_of(visit, name, account.user if account is not None else None)
    if not guess.may_be_made():
        return _refused(visit, login, 429, _TOO_MANY)
    try:
        right = visit.state.main_passwords.are_right(name, account.user if account else None, password)
    except CannotCheck as error:
        guess.undecided()
        log.error("a main password can't be checked", error=str(error))
        return visit.show("unavailable.html", 503)
    if account is None or not right:
        return _refused(visit, login, 403, _WRONG)
    guess.right()
    return signed_in(visit, account, Stage.PASSWORD, visit.destination)


def _refused(visit: Visit, login: str, status: int, error: str) -> Response:
    verdict = "refused" if status == 403 else "too many failures"
    log.info("portal sign-in", user=printable(login, 255), address=visit.address, verdict=verdict)
    return visit.show("sign_in.html", status, to=visit.destination, login=login, error=error)


def signed_in(
    visit: Visit, account: Account, stage: Stage, wanted: str, second_at: datetime | None = None
) -> Response:
    """A new session, whatever cookie came: nobody can have chosen its token (session fixation).

    `second_at`: when a second step was done that was done elsewhere.
    """
    log.info("portal sign-in", user=account.user.login, address=visit.address, verdict=stage.value)
    if visit.session is not None:
        sessions.end(visit.state.database, visit.session)
    agent = visit.request.headers.get("user-agent", "")
    token = sessions.begin(
        visit.state.database, account.user.id, stage, visit.address, agent, second_at=second_at
    )
    if stage is Stage.SECOND_STEP:
        return with_session(visit.go_to(wanted), token)
    registered = registration.has_second_step(visit.state.database, account.user.id)
    first = wanted if wanted.startswith("/enrol/") else "/register"
    return with_session(visit.go_to(visit.on_the_way("/second-step", wanted) if registered else first), token)


def sign_out(visit: Visit) -> Response:
    """The session is over here and on the server."""
    sessions.end(visit.state.database, visit.here)
    return without_session(visit.go_to("/sign-in"))
