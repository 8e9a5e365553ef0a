"""What slapd says of the operations that reached it: in whose name each ran, and what was written."""

import re

from tests.servers.directory import SERVICE_DN

_BOUND = re.compile(rf'conn=(\d+) op=\d+ BIND dn="{re.escape(SERVICE_DN)}" method=128')
_PROXIED = re.compile(r'(conn=\d+ op=\d+) PROXYAUTHZ dn="([^"]*)"')
_OPERATION = re.compile(
    r"(conn=(\d+) op=\d+) (?:SRCH base|MOD dn|ADD dn|DEL dn|MODRDN dn|CMP dn|WHOAMI|PASSMOD)"
)
_WRITTEN = re.compile(r" (?:MOD|ADD) attr=(.*)")


def names_of_operations(log: str) -> set[str]:
    """In whose names the gateway had operations run, by its account; "" is that account's own."""
    gateways = set(_BOUND.findall(log))
    proxied = dict(_PROXIED.findall(log))
    return {proxied.get(one, "") for one, connection in _OPERATION.findall(log) if connection in gateways}


def written_attributes(log: str) -> set[str]:
    """The names of the attributes that were in a Modify, in lower case."""
    return {name.lower() for names in _WRITTEN.findall(log) for name in names.split()}
