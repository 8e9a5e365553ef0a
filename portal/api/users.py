"""Users: looking at them, and what a help desk or an administrator changes."""

from datetime import UTC, datetime, timedelta

from portal.api.call import Call
from portal.api.models import Methods, NewUser, UserChange, UserDetail, UserList, UserQuery, UserRow
from portal.api.problem import Refused, no_such_user
from portal.app_passwords.policy import counted_of, offered_to
from store import users
from store.model import Account, MfaState
from store.portal import methods, recovery, sessions
from store.portal.methods import Kind
from store.portal.search import search
from store.printable import printable

_LONGEST_REASON = 200


def list_users(call: Call) -> UserList:
    """By their names, a page at a time."""
    query = call.query
    assert isinstance(query, UserQuery)
    found = search(
        call.state.database,
        query.begins.strip().lower(),
        call.token.domains,
        after=query.after,
        limit=query.limit + 1,
    )
    page, more = found[: query.limit], len(found) > query.limit
    rows = [UserRow(login=one.login, mfa=one.mfa, blocked=one.blocked, disabled=one.disabled) for one in page]
    return UserList(users=rows, next=page[-1].name if more else "")


def show(call: Call) -> UserDetail:
    """One."""
    return _detail(call, call.account)


def add(call: Call) -> UserDetail:
    """A new one, in the token's domains."""
    wanted = call.body
    assert isinstance(wanted, NewUser)
    login = call.normalised(wanted.login)
    if login is None:
        raise Refused(422, "login: this can be no login. Write it as in anna@example.org.")
    if not call.token.held.covers(login):
        raise Refused(403, "This token is for other domains.")
    added = users.add(call.state.database, login, mfa=MfaState(wanted.mfa), actor=call.actor)
    if added is None:
        raise Refused(409, f"{login} is there already. Change it, or choose another login.")
    found = users.account_by_id(call.state.database, added.id)
    if found is None:
        raise Refused(409, "Somebody has deleted this user at the same time.")
    return _detail(call, found)


def change(call: Call) -> UserDetail:
    """State, grace and block. All that isn't named stays."""
    account, wanted = call.account, call.body
    assert isinstance(wanted, UserChange)
    database, login = call.state.database, account.user.login
    reason = printable(wanted.reason, _LONGEST_REASON)
    if wanted.grace_days is not None and wanted.mfa != "enabled":
        raise Refused(409, 'grace_days goes with "mfa": "enabled" only. Leave it out.')
    if wanted.mfa is not None:
        until = datetime.now(UTC) + timedelta(days=wanted.grace_days) if wanted.grace_days else None
        users.set_mfa(database, login, MfaState(wanted.mfa), until, actor=call.actor, reason=reason)
    if wanted.blocked is not None:
        users.set_blocked(database, login, wanted.blocked, actor=call.actor, reason=reason)
        if wanted.blocked:
            sessions.end_others(database, account.user.id)
    return _detail(call, call.account_now())


def delete(call: Call) -> None:
    """With all app passwords and second steps."""
    account = call.account
    if not users.delete(call.state.database, account.user.login, actor=call.actor):
        raise no_such_user()


def _detail(call: Call, account: Account) -> UserDetail:
    user, settings, database = account.user, call.state.settings, call.state.database
    kinds = [one.kind for one in methods.of_user(database, user.id)]
    return UserDetail(
        login=user.login,
        aliases=list(user.aliases),
        mfa=user.mfa,
        grace_until=user.grace_until,
        blocked=user.blocked,
        disabled=user.disabled,
        created_at=user.created_at,
        methods=Methods(
            passkeys=kinds.count(Kind.PASSKEY),
            authenticators=kinds.count(Kind.AUTHENTICATOR),
            recovery_codes=recovery.left(database, user.id),
        ),
        app_passwords=counted_of(account),
        app_passwords_limit=settings.policy.max_app_passwords,
        app_passwords_for=list(offered_to(settings, user.login)),
    )
