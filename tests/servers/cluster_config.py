"""What the configurations of a cluster's nodes have in common, and what each has of its own."""

from collections.abc import Mapping

from tests.gateway.dialects import PORTAL
from tests.servers.directory import PEOPLE, SERVICE_DN
from tests.servers.slapd import Slapd

# What tests say of policy and limits, unless they say something else.
QUICK = f"""
[policy]
portal_url = "{PORTAL}"
[limits]
refusal_seconds = 0.05
drain_seconds = 0
"""
PROTOCOLS = ("imap", "pop3", "smtp", "sieve", "ldap")
_DIRECTORY = """
[login]
default_domain = "example.test"
[directory]
dn_template = "uid={{local}},ou=people,dc=example,dc=test"
search_base = "{people}"
[[backend]]
protocol = "ldap"
address = "127.0.0.1:{port}"
tls = "starttls"
ca_file = "{ca_file}"
server_name = "localhost"
login = "service"
service_dn = "{service}"
service_password_file = "service-password"
"""
_BACKEND = """
[[backend]]
protocol = "{protocol}"
address = "127.0.0.1:{port}"
tls = "none"
login = "shared-password"
shared_password_file = "secret"
"""
_PROXIED = """
[[listener]]
protocol = "{protocol}"
name = "{protocol}-proxied"
address = "127.0.0.1:{port}"
tls = "implicit"
proxy_from = ["127.0.0.1/32"]
"""
_CACHE = """
[cache]
url = "{url}"
key_file = "cache-key"
"""
_CLEAR = """
[[listener]]
protocol = "imap"
name = "imap-clear"
address = "127.0.0.1:{port}"
tls = "none"
"""
_METRICS = """
[metrics]
address = "127.0.0.1:{port}"
"""


def behind_slapd(slapd: Slapd) -> str:
    """The settings with which that directory is behind each node, and users are brought over from it."""
    return _DIRECTORY.format(port=slapd.port, ca_file=slapd.ca_file, people=PEOPLE, service=SERVICE_DN)


def backends(ports: Mapping[str, int]) -> str:
    """The servers behind every node, by protocol."""
    return "".join(_BACKEND.format(protocol=protocol, port=port) for protocol, port in ports.items())


def cache(url: str) -> str:
    return _CACHE.format(url=url)


def own_addresses(proxied: Mapping[str, int], clear: int, health: int) -> str:
    """The ports of one node besides those that each gateway of the tests has."""
    listeners = "".join(_PROXIED.format(protocol=name, port=port) for name, port in proxied.items())
    listeners += _CLEAR.format(port=clear) if "imap" in proxied else ""
    return listeners + _METRICS.format(port=health)
