"""A directory as its clients know it: where it is, who is in it, and by which names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

BASE = "dc=example,dc=test"
PEOPLE, GROUPS, SERVICES = f"ou=people,{BASE}", f"ou=groups,{BASE}", f"ou=services,{BASE}"
# Finds users, and may act for each of them by proxied authorization (RFC 4370).
SERVICE_DN, SERVICE_PASSWORD = f"cn=wicketgate,{SERVICES}", "service-word"
# The rootdn, whom no access rule holds.
ROOT_DN, ROOT_PASSWORD = f"cn=root,{BASE}", "root-word"

_SPECIAL = '\\,+"<>;=#'


@dataclass(frozen=True, slots=True)
class Person:
    """An inetOrgPerson. Of `attributes`, those that it would have anyway are replaced."""

    name: str
    password: str
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def dn(self) -> str:
        return person_dn(self.name)


@dataclass(frozen=True, slots=True)
class Directory:
    """Where clients are to connect, and whom they trust there: a directory, or what stands before it."""

    host: str
    port: int
    ca_file: Path
    tls: str = "starttls"  # implicit, starttls or none

    @property
    def url(self) -> str:
        return f"{'ldaps' if self.tls == 'implicit' else 'ldap'}://{self.host}:{self.port}"


def person_dn(name: str) -> str:
    """The DN of the person with that uid. RFC 4514, section 2.4: what has a meaning in a DN is escaped."""
    value = "".join(f"\\{letter}" if letter in _SPECIAL else letter for letter in name)
    if value.endswith(" "):
        value = value[:-1] + "\\ "
    if value.startswith(" "):
        value = "\\" + value
    return f"uid={value},{PEOPLE}"


def group_dn(name: str) -> str:
    return f"cn={name},{GROUPS}"
