"""What a user may create app passwords for, and which ones there are. Deleting is always allowed."""

from datetime import UTC, datetime
from typing import get_args

from config import Override, Policy, ProtocolName, Settings
from portal.visit import Visit
from store.model import Account, AppPassword

PROTOCOLS: tuple[ProtocolName, ...] = get_args(ProtocolName)


def may_create(visit: Visit) -> bool:
    """Whether there is anything that the user may create an app password for."""
    return bool(offered(visit))


def offered(visit: Visit) -> tuple[ProtocolName, ...]:
    """The protocols that are served, and for which the policy lets this user create app passwords."""
    return offered_to(visit.state.settings, visit.who.user.login)


def offered_to(settings: Settings, login: str) -> tuple[ProtocolName, ...]:
    """The same for the user of that login."""
    served = {listener.protocol for listener in settings.listener} or set(PROTOCOLS)
    return tuple(one for one in PROTOCOLS if one in served and _is_allowed(settings.policy, login, one))


def is_shown(visit: Visit) -> bool:
    """Whether app passwords are spoken of at all: to those who may create some, or have some."""
    return may_create(visit) or bool(held(visit))


def held(visit: Visit) -> list[AppPassword]:
    """Those that are not deleted, the oldest first."""
    return [one for one in visit.who.app_passwords if one.deleted_at is None]


def counted(visit: Visit) -> int:
    """How many count for the limit: who has expired makes room by itself."""
    return counted_of(visit.who)


def counted_of(account: Account) -> int:
    """The same for anybody."""
    now = datetime.now(UTC)
    live = [one for one in account.app_passwords if one.deleted_at is None]
    return sum(one.expires_at is None or one.expires_at > now for one in live)


def _is_allowed(policy: Policy, login: str, protocol: ProtocolName) -> bool:
    """As the gateway judges: of several overrides that match, the later one wins."""
    wanted, refused = policy.app_passwords, protocol in policy.protocols_off
    for override in policy.override:
        if _matches(override, login, protocol):
            wanted = override.app_passwords or wanted
            refused = refused if override.refuse is None else override.refuse
    return wanted == "allowed" and not refused


def _matches(override: Override, login: str, protocol: ProtocolName) -> bool:
    return (
        (not override.users or login in override.users)
        and (not override.domains or login.rpartition("@")[2] in override.domains)
        and (not override.protocols or protocol in override.protocols)
    )
