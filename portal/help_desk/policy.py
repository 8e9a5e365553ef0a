"""The policy, to be read: it stands in the configuration, and is changed there."""

from starlette.responses import Response

from config import Override
from portal.visit import Visit
from store.portal.roles import Held


def show(visit: Visit) -> Response:
    """What holds for all, and the exceptions for users of the reader's domains."""
    policy = visit.state.settings.policy
    seen = [one for one in (_seen(one, visit.power) for one in policy.override) if one is not None]
    return visit.show("help_desk_policy.html", policy=policy, overrides=seen)


def _seen(override: Override, power: Held) -> Override | None:
    """Without users and domains that the reader doesn't know of; None where no other is left."""
    if not power.domains:
        return override
    known = {
        "users": tuple(login for login in override.users if power.covers(login)),
        "domains": tuple(domain for domain in override.domains if domain in power.domains),
    }
    if (override.users and not known["users"]) or (override.domains and not known["domains"]):
        return None
    return override.model_copy(update=known)
