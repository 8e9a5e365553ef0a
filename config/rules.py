"""The rules between tables: what a listener needs from [[backend]] and [tls], and what must be unique."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

from config.address import Address
from config.breach import Breach
from config.sections.backend import Backend
from config.sections.directory import Directory
from config.sections.listener import Listener
from config.sections.metrics import Metrics
from config.sections.policy import LoginNames, Policy
from config.sections.tls import Tls
from config.value_types import ProtocolName

SERVED: tuple[ProtocolName, ...] = (
    "imap",
    "pop3",
    "smtp",
    "sieve",
    "ldap",
)  # in the order in which they are told


@dataclass(frozen=True, slots=True)
class Parts:
    """The tables that could be read, by their index in the file.

    `backends_complete` is false when some could not. A table that could not be read is None.
    """

    listeners: Mapping[int, Listener]
    backends: Mapping[int, Backend]
    backends_complete: bool
    tls: Tls | None
    policy: Policy | None
    login: LoginNames | None
    directory: Directory | None
    metrics: Metrics | None


def breaches(parts: Parts) -> list[Breach]:
    """All the rules that the parts break."""
    return [
        *_listeners_without_backend(parts),
        *_backends_of_one_protocol(parts),
        *_listeners_on_one_address(parts),
        *_listeners_without_certificate(parts),
        *_listeners_in_clear(parts),
        *_overrides_for_nobody(parts),
        *_unknown_domains_without_users(parts),
        *_directory_without_backend(parts),
        *_metrics_on_the_address_of_a_listener(parts),
    ]


def _listeners_without_backend(parts: Parts) -> Iterator[Breach]:
    protocols = {backend.protocol for backend in parts.backends.values()}
    for index, listener in parts.listeners.items():
        if parts.backends_complete and listener.protocol not in protocols:
            sentence = f'there is no [[backend]] with protocol = "{listener.protocol}"; add one'
            yield Breach(("listener", index, "protocol"), sentence)


def _backends_of_one_protocol(parts: Parts) -> Iterator[Breach]:
    first: dict[str, int] = {}
    for index, backend in parts.backends.items():
        before = first.setdefault(backend.protocol, index)
        if before != index:
            sentence = (
                f'backend[{before}] has protocol "{backend.protocol}" too; allowed is one for each protocol,'
                " and several servers go into the list address"
            )
            yield Breach(("backend", index, "protocol"), sentence)


def _listeners_on_one_address(parts: Parts) -> Iterator[Breach]:
    first: dict[Address, int] = {}
    for index, listener in parts.listeners.items():
        before = first.setdefault(listener.address, index)
        if before != index:
            sentence = (
                f"listener[{before}] listens on {listener.address} too; each needs an address of its own"
            )
            yield Breach(("listener", index, "address"), sentence)


def _listeners_without_certificate(parts: Parts) -> Iterator[Breach]:
    if parts.tls is None or parts.tls.certificate is not None:
        return
    for index, listener in parts.listeners.items():
        if listener.tls != "none":
            sentence = f'"{listener.tls}" needs tls.certificate and tls.key; set both'
            yield Breach(("listener", index, "tls"), sentence)


def _listeners_in_clear(parts: Parts) -> Iterator[Breach]:
    """Passwords may go in clear only where it's known between whom (RFC 8314, section 4.1)."""
    for index, listener in parts.listeners.items():
        known = listener.sources or listener.proxy_from or _is_loopback(listener.address)
        if listener.tls == "none" and not known:
            sentence = (
                f'"none" on {listener.address} would let passwords go in clear over any network; use'
                ' "implicit" or "starttls", or say in sources or proxy_from which networks may connect'
            )
            yield Breach(("listener", index, "tls"), sentence)


def _is_loopback(address: Address) -> bool:
    try:
        return ip_address(address.host).is_loopback
    except ValueError:
        return address.host == "localhost"  # RFC 6761, section 6.3; what another name means isn't known here


def _overrides_for_nobody(parts: Parts) -> Iterator[Breach]:
    """A name without a domain matches no user where every login has one; a refusal would be void."""
    if parts.policy is None or parts.login is None or not parts.login.default_domain:
        return
    for index, override in enumerate(parts.policy.override):
        for position, user in enumerate(override.users):
            if "@" not in user:
                full = f"{user}@{parts.login.default_domain}"
                sentence = f'"{user}" has no domain. Did you mean "{full}"?'
                yield Breach(("policy", "override", index, "users", position), sentence)


def _unknown_domains_without_users(parts: Parts) -> Iterator[Breach]:
    """A domain that no login name ends with: what the setting seems to say would not hold."""
    if parts.policy is None or parts.login is None:
        return
    for index, domain in enumerate(parts.policy.unknown_domains):
        known = parts.login.domains.get(domain, domain)
        if not domain and parts.login.default_domain:
            sentence = f"no name is without a domain, as login.default_domain is {parts.login.default_domain}"
            yield Breach(("policy", "unknown_domains", index), f"{sentence}; remove it")
        elif known != domain:
            sentence = f'login.domains makes "{known}" of "{domain}"; write that'
            yield Breach(("policy", "unknown_domains", index), sentence)


def _directory_without_backend(parts: Parts) -> Iterator[Breach]:
    """Look-ups and the sync speak with the directory as the service account of its [[backend]]."""
    served = any(backend.protocol == "ldap" for backend in parts.backends.values())
    if parts.directory is None or served or not parts.backends_complete:
        return
    for name in ("search_base", "sync_seconds"):
        if getattr(parts.directory, name):
            sentence = 'it needs a [[backend]] with protocol = "ldap", and there is none; add one'
            yield Breach(("directory", name), sentence)


def _metrics_on_the_address_of_a_listener(parts: Parts) -> Iterator[Breach]:
    for index, listener in parts.listeners.items():
        if parts.metrics is not None and parts.metrics.address == listener.address:
            sentence = f"listener[{index}] listens on {listener.address} too; metrics need their own address"
            yield Breach(("metrics", "address"), sentence)
