"""What users enter into a mail client: all that tells them how to reach the gateway starts from here."""

from dataclasses import dataclass
from socket import gethostname
from typing import Literal

from config.rules import SERVED
from config.sections.listener import Listener
from config.settings import Settings
from config.value_types import ProtocolName

Security = Literal["tls", "starttls", "none"]

_SECURITY: dict[str, Security] = {"implicit": "tls", "starttls": "starttls", "none": "none"}
_BEST_FIRST: tuple[Security, ...] = ("tls", "starttls", "none")  # RFC 8314, section 3
# Ports on which nothing but TLS is spoken: RFC 8314, section 7; for LDAP the registry of service names.
_TLS_PORTS = {"imap": 993, "pop3": 995, "smtp": 465, "ldap": 636}


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How a client reaches one listener. `tls` is TLS from the first byte; an IPv6 `host` has no brackets."""

    protocol: ProtocolName
    host: str
    port: int
    security: Security


def client_settings(settings: Settings) -> tuple[ClientSettings, ...]:
    """One for each listener that users are told of, by protocol, implicit TLS first; each once."""
    told = [_told(listener, settings) for listener in settings.listener if _is_for_users(listener)]
    return tuple(
        sorted(
            dict.fromkeys(told),
            key=lambda one: (SERVED.index(one.protocol), _BEST_FIRST.index(one.security)),
        )
    )


def public_host(settings: Settings) -> str:
    """The host name by which clients reach the gateway."""
    return settings.public.host or gethostname()


def _is_for_users(listener: Listener) -> bool:
    """Those without TLS, or for certain networks, are for devices, which an administrator sets up."""
    return listener.public_address is not None or not (listener.tls == "none" or listener.sources)


def _told(listener: Listener, settings: Settings) -> ClientSettings:
    public = listener.public_address
    host = public.host if public else public_host(settings)
    port = (public.port if public else None) or listener.address.port
    security = _SECURITY[listener.tls]
    if security == "none" and port == _TLS_PORTS.get(listener.protocol):
        security = "tls"  # what stands in front does it
    return ClientSettings(listener.protocol, host, port, security)
