"""Does a backend know a user by names that would pass here as those of an unknown user?

A test user's main password is tried at the backends under other spellings of the name, as a client could. The
gateway isn't asked: what it would say to each of them is known.
"""

from collections.abc import Iterator

from config import Backend, Settings
from gateway.doctor.backend_probe import CannotTell, takes
from gateway.doctor.finding import Finding, Level
from gateway.unknown_names import UnknownNames
from protocols.dialogue import Credentials
from store import lookalikes, users
from store.database import Database, StoreUnavailable
from store.lookalikes import Claim
from store.model import User
from store.names import normalise_login


def examine_spellings(settings: Settings, login: str, password: bytes) -> Iterator[Finding]:
    """Each backend, as far as it takes the user at all. `login` is normalised."""
    database = Database(settings.store.url)
    try:
        user = users.find(database, login)
        if user is None:
            yield Finding(Level.FAILED, "names", f"{login} is no user here. Add it, or try another.")
            return
        for backend in settings.backend:
            if backend.protocol == "ldap":
                continue  # a directory is asked at each login which user it has bound
            yield _examined(settings, database, backend, user, password)
    except StoreUnavailable as error:
        yield Finding(Level.FAILED, "names", str(error))
    finally:
        database.close()


def _examined(
    settings: Settings, database: Database, backend: Backend, user: User, password: bytes
) -> Finding:
    area, seconds = f"names {backend.protocol}", settings.limits.backend_seconds
    tried = _spellings(settings, user.login)
    try:
        if not takes(backend, Credentials(user.login.encode(), password), seconds):
            return Finding(
                Level.FAILED,
                area,
                f"it does not take {user.login} with that password. Is it the right one?",
            )
        open_to = [name for name in tried if _would_pass(settings, database, name)]
        taken = [name for name in open_to if takes(backend, Credentials(name.encode(), password), seconds)]
    except CannotTell as error:
        return Finding(Level.FAILED, area, f"{error}. Look at it with `wicketgate check-config --online`.")
    if taken:
        return Finding(
            Level.FAILED,
            area,
            f"it takes {user.login} under {', '.join(taken)} too, which pass here as unknown users, without "
            "two-step verification. Make them one by [login] or as an alias, or take the domain out of "
            "policy.unknown_domains.",
        )
    return Finding(
        Level.OK, area, f"none of {len(tried)} other spellings of {user.login} passes as an unknown user"
    )


def _spellings(settings: Settings, login: str) -> list[str]:
    """Names under which backends are known to take a user."""
    local, _, domain = login.partition("@")
    here = f"@{domain}" if domain else ""
    domains = [one for one in settings.policy.unknown_domains if one and one != domain]
    others = [name for name, mapped in settings.login.domains.items() if mapped == domain]
    return [
        *(local, login.upper(), f"{local}+wicketgate{here}", f"{local}-wicketgate{here}", f"{local}_x{here}"),
        *(f"{local[:1]}.{local[1:]}{here}", f"{local}.{here}", f'"{local}"{here}', f"{local}%{domain}"),
        *(f"{local}@{one}" for one in domains),
        *(f"{one}\\{local}" for one in others),
        *(f"{local}@{one}" for one in others),
    ]


def _would_pass(settings: Settings, database: Database, presented: str) -> bool:
    """Whether the gateway would let the backend judge the name as that of an unknown user."""
    login = settings.login
    octets = presented.encode()
    name = normalise_login(octets, login.default_domain, login.domains, login.recipient_delimiter)
    if name is None or settings.policy.unknown_users != "pass":
        return False
    if users.find(database, name) is not None or lookalikes.owners(database, [Claim(name)]):
        return False
    return UnknownNames(settings.policy, settings.backend).objection(octets, name) is None
