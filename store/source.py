"""A source: an address of IPv4, or a /64 of IPv6, of which one client may have all (RFC 4291, 2.5.4).

Connections, guesses and lines of the log are bounded for each source, at every door.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import TypeAlias

Source: TypeAlias = int  # at each client that comes in, numbers are much cheaper than networks

_NAT64 = int(IPv6Network("64:ff9b::/96").network_address) >> 32  # RFC 6052, section 2.1
_IPV6 = 1 << 64
_SITE_BITS = 48


def source_of(address: IPv4Address | IPv6Address) -> Source:
    """Of a client behind NAT64, it's the address of IPv4: all of them would be one network."""
    number = int(address)
    if isinstance(address, IPv4Address):
        return number
    return number & 0xFFFFFFFF if number >> 32 == _NAT64 else number >> 64 | _IPV6


@lru_cache(4096)
def shown_source(source: Source) -> str:
    """The address of IPv4, or the /64, as text."""
    if source < _IPV6:
        return str(IPv4Address(source))
    return str(IPv6Network(((source ^ _IPV6) << 64, 64)))


def site_of(source: Source) -> str:
    """The /48 of IPv6, which an organisation has as a rule; "" for an address of IPv4."""
    if source < _IPV6:
        return ""
    return str(IPv6Network(((source ^ _IPV6) << 64, _SITE_BITS), strict=False))
