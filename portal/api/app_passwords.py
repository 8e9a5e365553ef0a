"""App passwords of a user, as the user's own pages have them: the same limit, policy and audit trail."""

from datetime import UTC, datetime, timedelta

from config import Network, ProtocolName, parse_network
from portal.api.call import Call
from portal.api.models import (
    AppPasswordList,
    AppPasswordRow,
    CreatedAppPassword,
    Deleted,
    LastUsed,
    NewAppPassword,
    Renaming,
)
from portal.api.problem import Refused
from portal.app_passwords.policy import PROTOCOLS, offered_to
from portal.log import log
from store import app_passwords
from store.app_passwords import InvalidName, LimitReached, NoSuchUser
from store.model import AppPassword, User


def list_all(call: Call) -> AppPasswordList:
    """Those that are not deleted."""
    live = [one for one in call.account.app_passwords if one.deleted_at is None]
    return AppPasswordList(app_passwords=[AppPasswordRow(**_fields(one)) for one in live])


def create(call: Call) -> CreatedAppPassword:
    """A new one, with its secret."""
    user, wanted, state = call.account.user, call.body, call.state
    assert isinstance(wanted, NewAppPassword)
    limit = state.settings.policy.max_app_passwords
    days = wanted.expires_in_days
    try:
        made = app_passwords.create(
            state.database,
            state.pepper,
            state.argon2,
            user.id,
            wanted.name.strip(),
            _protocols(call, user, wanted),
            [_network(text) for text in wanted.networks],
            datetime.now(UTC) + timedelta(days=days) if days is not None else None,
            limit=limit,
            actor=call.actor,
        )
    except InvalidName as error:
        raise Refused(422, str(error)) from None
    except NoSuchUser as error:
        raise Refused(409, str(error)) from None
    if isinstance(made, LimitReached):
        raise Refused(409, f"The user has {limit} app passwords, which is the limit. Delete one first.")
    created, secret = made
    log.info("app password created", user=user.login, app_password_id=created.id, by=call.actor)
    return CreatedAppPassword(**_fields(created), secret=secret)


def rename(call: Call) -> AppPasswordRow:
    """Another name for one."""
    user, wanted, id = call.account.user, call.body, call.path["id"]
    assert isinstance(wanted, Renaming)
    try:
        renamed = app_passwords.rename(
            call.state.database, user.id, id, wanted.name.strip(), actor=call.actor
        )
    except InvalidName as error:
        raise Refused(422, str(error)) from None
    found = [one for one in call.account_now().app_passwords if one.id == id and one.deleted_at is None]
    if not renamed or not found:
        raise _no_such()
    return AppPasswordRow(**_fields(found[0]))


def delete(call: Call) -> None:
    """Its clients are cut within a second."""
    user, id = call.account.user, call.path["id"]
    if not app_passwords.delete(call.state.database, user.id, id, actor=call.actor):
        raise _no_such()
    log.info("app password deleted", user=user.login, app_password_id=id, by=call.actor)


def delete_all(call: Call) -> Deleted:
    """All clients of the user are cut within a second."""
    user = call.account.user
    number = app_passwords.delete_all(call.state.database, user.id, actor=call.actor)
    log.info("all app passwords deleted", user=user.login, by=call.actor)
    return Deleted(deleted=number)


def _no_such() -> Refused:
    return Refused(404, "The user has no app password of this id. List them and try again.")


def _protocols(call: Call, user: User, wanted: NewAppPassword) -> list[ProtocolName]:
    if user.blocked or user.disabled:
        raise Refused(409, "This user may not sign in, so nothing can be created. Unblock the user first.")
    offered = offered_to(call.state.settings, user.login)
    if not offered:
        raise Refused(409, "The policy lets this user create no app passwords.")
    chosen = wanted.protocols if wanted.protocols is not None else list(offered)
    if beyond := set(chosen) - set(offered):
        allowed = ", ".join(offered)
        raise Refused(409, f"Not for {', '.join(sorted(beyond))}; this user may have it for {allowed}.")
    return [one for one in PROTOCOLS if one in chosen]


def _network(text: str) -> Network:
    try:
        return parse_network(text)
    except ValueError:
        raise Refused(422, "A network is written as in 192.0.2.0/24, an address as in 192.0.2.7.") from None


def _fields(one: AppPassword) -> dict[str, object]:
    used = one.last_used
    return {
        "id": one.id,
        "name": one.name,
        "protocols": [protocol for protocol in PROTOCOLS if protocol in one.scopes],
        "networks": [str(network) for network in one.networks],
        "created_at": one.created_at,
        "expires_at": one.expires_at,
        "last_used": LastUsed(at=used.at, protocol=used.protocol, address=used.address, client=used.client)
        if used is not None
        else None,
    }
