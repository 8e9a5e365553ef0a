"""The configuration that the demo's gateway is started with."""

from pathlib import Path

from config import ProtocolName
from gateway.demo.directory.entries import SERVICE_DN, person_dn
from gateway.demo.people import DOMAIN

HOST = "127.0.0.1"
_GENERAL = """\
# The demo's configuration, made by `wicketgate demo`.
[store]
url = "sqlite:///{folder}/wicketgate.db"
pepper_file = "pepper"

[login]
default_domain = "{domain}"

[directory]
dn_template = "{template}"

[limits]
sessions = 1000
drain_seconds = 0

[tls]
certificate = "certificate.pem"
key = "key.pem"

[policy]
portal_url = "{portal_url}"

[portal]
address = "{host}:{portal_port}"
key_file = "portal-key"
organisation = "Wicketgate demo"
help = "This is a demo: the terminal that runs it tells everybody's passwords."

[public]
host = "localhost"

[log]
level = "warning"

[control]
socket = "control.sock"
"""
_LISTENER = """
[[listener]]
protocol = "{protocol}"
address = "{host}:{port}"
tls = "{tls}"
"""
_BACKEND = """
[[backend]]
protocol = "{protocol}"
address = "{host}:{port}"
tls = "none"
"""
_BY_MAIL_LOGIN = """\
login = "shared-password"
shared_password_file = "shared-password"
"""
_SERVICE = f"""\
login = "service"
service_dn = "{SERVICE_DN}"
service_password_file = "shared-password"
proxied_authorization = true
"""
PORTAL = "portal"  # in the list of ports
_LISTENERS: dict[str, tuple[ProtocolName, str]] = {
    "imaps": ("imap", "implicit"),
    "imap": ("imap", "starttls"),
    "smtps": ("smtp", "implicit"),
    "smtp": ("smtp", "starttls"),
    "pop3s": ("pop3", "implicit"),
    "pop3": ("pop3", "starttls"),
    "sieve": ("sieve", "starttls"),
    "ldaps": ("ldap", "implicit"),
    "ldap": ("ldap", "starttls"),
}


def portal_url(ports: dict[str, int]) -> str:
    """Where a browser finds the portal."""
    return f"https://localhost:{ports[PORTAL]}/security"


def write(
    folder: Path, ports: dict[str, int], backends: dict[ProtocolName, int], shared_password: str
) -> Path:
    """Write it into `folder`. Ports of listeners are by the names of `demo --describe`. Raises OSError."""
    shared = folder / "shared-password"
    shared.touch(0o600)
    shared.write_text(shared_password)
    general = _GENERAL.format(
        folder=folder,
        domain=DOMAIN,
        template=person_dn("{local}"),
        host=HOST,
        portal_url=portal_url(ports),
        portal_port=ports[PORTAL],
    )
    parts = [general]
    for name, (protocol, tls) in _LISTENERS.items():
        parts.append(_LISTENER.format(protocol=protocol, host=HOST, port=ports[name], tls=tls))
    for protocol, port in backends.items():
        parts.append(_BACKEND.format(protocol=protocol, host=HOST, port=port))
        parts.append(_SERVICE if protocol == "ldap" else _BY_MAIL_LOGIN)
    config = folder / "wicketgate.toml"
    config.write_text("".join(parts))
    return config
