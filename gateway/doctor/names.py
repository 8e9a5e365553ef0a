"""Do names lead to the users that they should, here and at the backends?"""

from collections.abc import Iterator

from config import Settings
from gateway.doctor.finding import Finding, Level
from store import users
from store.database import Database, StoreUnavailable
from store.names import normalise_login
from store.printable import printable

_AREA = "names"
_SHOWN = 5


def examine_names(settings: Settings) -> Iterator[Finding]:
    """Nothing, where all is well: there is no more to say of it then."""
    for caution in cautions(settings):
        yield Finding(Level.WARNING, _AREA, caution)
    database = Database(settings.store.url)
    try:
        yield from _unreachable(settings, database)
    except StoreUnavailable:
        return  # the examination of the store has told it
    finally:
        database.close()


def cautions(settings: Settings) -> Iterator[str]:
    """What a configuration by which unknown users pass leaves to its author's knowledge of the backends."""
    policy = settings.policy
    if policy.unknown_users != "pass":
        return
    silent = [backend.protocol for backend in settings.backend if backend.protocol != "ldap"]
    if silent:
        yield (
            f'policy.unknown_users is "pass", and a backend for {", ".join(silent)} does not tell which user '
            "it has logged in. A name of a known user that only the backend knows would pass without two-step"
            " verification. Let `wicketgate doctor --try-login LOGIN --password-file FILE` look for some"
        )
    if len(policy.unknown_domains) > 1:
        yield (
            f"policy.unknown_domains has {', '.join(map(_called, policy.unknown_domains))}: a user of one of "
            "them may be no user of another. What is another name of a domain belongs into login.domains"
        )


def _called(domain: str) -> str:
    return domain or "names without a domain"


def _unreachable(settings: Settings, database: Database) -> Iterator[Finding]:
    """Names that [login] makes others of, so that no client can present them."""
    known = [name for user in users.list_users(database) for name in (user.login, *user.aliases)]
    lost = [name for name in known if _normalised(settings, name) != name]
    if lost:
        told = ", ".join(printable(name, 80) for name in lost[:_SHOWN]) + (", …" if lost[_SHOWN:] else "")
        yield Finding(
            Level.WARNING,
            _AREA,
            f"[login] makes others of {len(lost)} names of users ({told}), so no client can log in by them. "
            "Change login.recipient_delimiter or login.domains, or add the users under the new names.",
        )


def _normalised(settings: Settings, name: str) -> str | None:
    login = settings.login
    return normalise_login(name.encode(), login.default_domain, login.domains, login.recipient_delimiter)
