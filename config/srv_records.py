"""The SRV records by which mail programs find the servers of a domain."""

from urllib.parse import urlsplit

from config.client_settings import ClientSettings, client_settings
from config.settings import Settings
from config.value_types import ProtocolName

# RFC 6186 for reading and submission, RFC 8314, section 5.1, for submissions, RFC 5804 for sieve; the
# registry of service names for ldap.
_SERVICES: dict[tuple[ProtocolName, str], str] = {
    ("imap", "tls"): "imaps",
    ("imap", "starttls"): "imap",
    ("pop3", "tls"): "pop3s",
    ("pop3", "starttls"): "pop3",
    ("smtp", "tls"): "submissions",
    ("smtp", "starttls"): "submission",
    ("sieve", "starttls"): "sieve",
    ("ldap", "tls"): "ldaps",
    ("ldap", "starttls"): "ldap",
}
# Programs ask for these; a record with "." says that there is no such service (RFC 6186, section 3.4).
_ASKED_FOR = ("imaps", "imap", "pop3s", "pop3", "submissions", "submission")


def srv_records(settings: Settings, domain: str) -> tuple[str, ...]:
    """Lines for the zone of that domain."""
    offered: dict[str, ClientSettings] = {}
    for one in client_settings(settings):
        service = _SERVICES.get((one.protocol, one.security))
        if service is not None and ":" not in one.host:  # a record names a host, and an address is none
            offered.setdefault(service, one)
    if not offered:
        return ()
    lines = [_line(service, domain, one.port, one.host) for service, one in offered.items()]
    lines += [_line(service, domain, 0, "") for service in _ASKED_FOR if service not in offered]
    portal = urlsplit(settings.policy.portal_url)
    if settings.portal.address is not None and portal.hostname and portal.scheme == "https":
        lines.append(_line("autodiscover", domain, portal.port or 443, portal.hostname))
    return tuple(lines)


def _line(service: str, domain: str, port: int, host: str) -> str:
    weight = 1 if host else 0
    return f"_{service}._tcp.{domain}. 3600 IN SRV 0 {weight} {port} {host}."
