"""Puts the portal together."""

from contextlib import ExitStack
from ipaddress import ip_address

from config import Address, Backend, Cache, ConfigurationError, Notices, Problem, Settings, read_secret
from portal.log import log
from portal.oidc.provider import Provider
from portal.rendering import templates
from portal.sign_in.by_imap import ByImap
from portal.sign_in.by_ldap import ByLdap
from portal.sign_in.by_store import ByStore
from portal.state import MainPasswords, State, place_of
from store.database import Database
from store.directory import Lookup
from store.distinguished_name import Template
from store.hashing import Argon2
from store.pepper import load_pepper
from store.portal.key import create_portal_key, load_portal_key
from store.redis.announcing import Announcer
from store.upgrade import require_current_schema

# As long as the digest that it goes into (RFC 2104, section 3).
_SIGNING_BYTES = 32


def assemble(settings: Settings, stack: ExitStack) -> State:
    """Raises `StoreUnavailable`, `PepperError`, `PortalKeyError` or `ConfigurationError`."""
    portal = settings.portal
    if not settings.policy.portal_url.startswith("https://"):
        raise _wrong(
            "policy.portal_url",
            "the portal needs the https:// URL by which people reach it, as in https://mail.example.org/security",
        )
    assert portal.key_file is not None, "the configuration requires it"
    _check_transport(settings)
    _check_notices(settings.notices)
    place = place_of(settings.policy.portal_url)
    announce = _announcer(settings.cache)
    stack.callback(announce.close)
    database = Database(settings.store.url, announce=announce, hashes=False)
    stack.callback(database.close)
    require_current_schema(database)
    create_portal_key(database, portal.key_file)
    cost = settings.argon2
    argon2 = Argon2(cost.memory_kib, cost.time_cost, cost.parallelism)
    return State(
        settings=settings,
        place=place,
        database=database,
        pepper=load_pepper(settings.store.pepper_file),
        argon2=argon2,
        key=load_portal_key(portal.key_file),
        main_passwords=_main_passwords(settings, database, argon2, stack),
        templates=templates(place, portal.organisation, portal.help),
        provider=_provider(settings),
    )


def _announcer(cache: Cache) -> Announcer:
    """What nudges gateways over Redis. Pages are served without it too: a missing password is only told."""
    for key in ("password_file", "sentinel_password_file"):
        file = getattr(cache, key)
        try:
            if file is not None:
                read_secret(file, f"cache.{key}")
        except ConfigurationError as error:
            log.warning(
                "gateways hear of changes a little later, since Redis can't be told. Put the file right, and "
                "start the portal again",
                problem=str(error),
            )
            return Announcer(Cache())
    return Announcer(cache)


def _main_passwords(
    settings: Settings, database: Database, argon2: Argon2, stack: ExitStack
) -> MainPasswords:
    seconds = settings.limits.backend_seconds
    if settings.portal.sign_in in ("local", "oidc"):  # with a provider nobody is asked for one
        return ByStore(database, argon2)
    if settings.portal.sign_in == "imap":
        return ByImap(_backend(settings, "imap"), seconds)
    directory = settings.directory
    if not directory.dn_template and not directory.search_base:
        raise _wrong(
            "portal.sign_in",
            'no entry can be found; "ldap" needs directory.dn_template or directory.search_base, or both',
        )
    lookup = Lookup(settings) if directory.search_base else None
    if lookup is not None:
        stack.callback(lookup.close)
    template = (
        Template(directory.dn_template, settings.login.default_domain) if directory.dn_template else None
    )
    return ByLdap(_backend(settings, "ldap"), template, lookup, seconds)


def _provider(settings: Settings) -> Provider | None:
    if settings.portal.sign_in != "oidc":
        return None
    for name in ("issuer", "client_id", "client_secret_file"):
        if not getattr(settings.oidc, name):
            raise _wrong(f"oidc.{name}", 'it is missing; portal.sign_in = "oidc" needs it')
    return Provider(settings.oidc)


def _check_transport(settings: Settings) -> None:
    """Passwords may go in clear to a web server of ours alone (RFC 8314, section 4.1, says so for mail)."""
    portal = settings.portal
    if portal.tls and settings.tls.certificate is None:
        raise _wrong("portal.tls", "it needs tls.certificate and tls.key; set both")
    if (
        not portal.tls
        and not portal.proxies
        and portal.address is not None
        and not _is_loopback(portal.address)
    ):
        raise _wrong(
            "portal.tls",
            f"false on {portal.address} would let passwords go in clear over any network; name the web "
            "server in front in portal.proxies, or listen on 127.0.0.1",
        )


def _check_notices(notices: Notices) -> None:
    """What a stranger can guess signs nothing."""
    if notices.webhook_secret_file is not None:
        secret = read_secret(notices.webhook_secret_file, "notices.webhook_secret_file")
        if len(secret) < _SIGNING_BYTES:
            raise _wrong(
                "notices.webhook_secret_file",
                f"{notices.webhook_secret_file} holds {len(secret)} bytes; allowed are {_SIGNING_BYTES} or "
                "more, as `openssl rand -base64 32` prints them",
            )


def _is_loopback(address: Address) -> bool:
    try:
        return ip_address(address.host).is_loopback
    except ValueError:
        return address.host == "localhost"


def _backend(settings: Settings, protocol: str) -> Backend:
    for backend in settings.backend:
        if backend.protocol == protocol:
            return backend
    raise _wrong("portal.sign_in", f'there is no [[backend]] with protocol = "{protocol}"; add one')


def _wrong(key: str, sentence: str) -> ConfigurationError:
    return ConfigurationError([Problem("", key, sentence)])
