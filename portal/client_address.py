"""Where a request comes from: the client's own address, and not that of a web server in front of us."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.requests import Request

from config import Network

IPAddress = IPv4Address | IPv6Address

_UNKNOWN = IPv4Address(0)
# As web servers write it: an address, in brackets or not, and perhaps the client's port (RFC 7239, section 6,
# has the same two forms).
_WITH_PORT = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]{2,45})\](?::(?P<p6>[0-9]{1,5}))?|(?P<v4>[0-9.]{7,15}):(?P<p4>[0-9]{1,5}))",
    re.ASCII,
)
_LAST_PORT = 65535


def client_address(request: Request, proxies: Iterable[Network]) -> str:
    """The last address that no proxy of ours has.

    Some proxies add a line of their own to one that the client has sent, so all of them count. What is no
    address ends the search, since what stands before it may be the client's own words: the request then
    counts as that of the server which has connected to us.
    """
    peer = peer_address(request.client.host if request.client else "")
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    said = forwarded.split(",") if forwarded.strip() else []
    for address in (peer, *map(_forwarded, reversed(said))):
        if address is None:
            break
        if not any(address in network for network in proxies):
            return str(address)
    return str(peer)


def peer_address(host: str) -> IPAddress:
    """Of a socket's peer, without the zone that a link-local one has; 0.0.0.0 for what is no address."""
    return _parsed(host.partition("%")[0]) or _UNKNOWN


def _forwarded(said: str) -> IPAddress | None:
    text = said.strip(" \t")
    found = _WITH_PORT.fullmatch(text)
    if found is None:
        return _parsed(text)
    if int(found["p6"] or found["p4"] or 0) > _LAST_PORT or ":" not in (found["v6"] or ":"):
        return None
    return _parsed(found["v6"] or found["v4"])


def _parsed(text: str) -> IPAddress | None:
    """A zone (RFC 4007, section 11) is no part of an address: it takes any characters."""
    try:
        address = ip_address(text) if "%" not in text else None
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
