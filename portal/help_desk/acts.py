"""What a help desk does for users. Nothing here shows a secret of theirs, or makes an app password."""

from datetime import UTC, date, datetime, time

from starlette.responses import Response

from portal.help_desk.act import Act, Deed, Unfit
from portal.help_desk.link import show_once
from store import app_passwords, users
from store.model import MfaState
from store.portal import links, provider_accounts, sessions, unlocking


def _set_mfa(deed: Deed) -> None:
    state, until = _state(deed.visit.form.get("mfa", "")), _grace(deed.visit.form.get("grace_until", ""))
    if until is not None and state is not MfaState.ENABLED:
        raise Unfit('A date goes with "enabled" only. Leave it empty.')
    database, login = deed.visit.state.database, deed.user.login
    users.set_mfa(database, login, state, until, actor=deed.actor, reason=deed.reason)


def _delete_app_passwords(deed: Deed) -> None:
    database = deed.visit.state.database
    app_passwords.delete_all(database, deed.user.id, actor=deed.actor, reason=deed.reason)


def _reset(deed: Deed) -> Response | None:
    visit = deed.visit
    token = links.reset_methods(visit.state.database, deed.user.id, actor=deed.actor, reason=deed.reason)
    return show_once(visit, deed.user, token) if token is not None else None


def _unlock(deed: Deed) -> None:
    unlocking.unlock(deed.visit.state.database, deed.user.id, actor=deed.actor, reason=deed.reason)


def _block(deed: Deed) -> None:
    database, user = deed.visit.state.database, deed.user
    users.set_blocked(database, user.login, True, actor=deed.actor, reason=deed.reason)
    sessions.end_others(database, user.id)


def _unblock(deed: Deed) -> None:
    database = deed.visit.state.database
    users.set_blocked(database, deed.user.login, False, actor=deed.actor, reason=deed.reason)


def _unpin(deed: Deed) -> None:
    database = deed.visit.state.database
    provider_accounts.forget(database, deed.user.id, actor=deed.actor, reason=deed.reason)


def _state(text: str) -> MfaState:
    try:
        return MfaState(text)
    except ValueError:
        raise Unfit("Choose a state.") from None


def _grace(text: str) -> datetime | None:
    """Until the end of that day."""
    if not text.strip():
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise Unfit("Write the date as in 2027-01-31.") from None
    until = datetime.combine(day, time(23, 59, 59), UTC)
    if until <= datetime.now(UTC):
        raise Unfit("The date is in the past. Choose one to come.")
    return until


MFA = Act(
    "mfa",
    "Set the second step of {}",
    "It holds within a second, for mail programs too.",
    "Yes, set it",
    _set_mfa,
)
DELETE_APP_PASSWORDS = Act(
    "delete-app-passwords",
    "Delete all app passwords of {}?",
    "All mail programs and devices of this user are signed out at once. This can't be undone.",
    "Yes, delete all",
    _delete_app_passwords,
    is_grave=True,
)
RESET = Act(
    "reset",
    "Reset the second step of {}?",
    "All passkeys, authenticator apps and recovery codes are removed, and the user is signed out on these "
    "pages. You get a link, which you give to the user when you are sure who that is: with it and the "
    "password a new second step can be registered, for 24 hours and once.",
    "Yes, reset it",
    _reset,
    is_grave=True,
)
UNLOCK = Act(
    "unlock",
    "Unlock {}?",
    "Wrong codes and wrong passwords on these pages are forgotten, so that the user can try again at once.",
    "Yes, unlock",
    _unlock,
)
BLOCK = Act(
    "block",
    "Block {}?",
    "Nobody can sign in as this user any more, here or with mail programs. Open connections are cut.",
    "Yes, block",
    _block,
    is_grave=True,
)
UNBLOCK = Act(
    "unblock",
    "Unblock {}?",
    "The user can sign in again, here and with mail programs.",
    "Yes, unblock",
    _unblock,
)
UNPIN = Act(
    "unpin",
    "Forget the account of {} at your organisation's sign-in?",
    "The user is signed out on these pages. The next account there that signs in under this name is the "
    "user's from then on, so be sure that it is.",
    "Yes, forget it",
    _unpin,
    is_grave=True,
)
