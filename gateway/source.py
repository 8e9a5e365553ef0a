"""A source: an address of IPv4, or a /64 of IPv6, of which one client may have all (RFC 4291, 2.5.4)."""

from ipaddress import IPv4Address, IPv6Network
from typing import TypeAlias

from gateway.connection import Address, shown

Source: TypeAlias = int  # at each client that comes in, numbers are much cheaper than networks

_NAT64 = int(IPv6Network("64:ff9b::/96").network_address) >> 32  # RFC 6052, section 2.1
_IPV6 = 1 << 64


def source_of(address: Address) -> Source:
    """Of clients behind NAT64, it's the address of IPv4 that each of them has."""
    number = int(address)
    if isinstance(address, IPv4Address):
        return number
    return number & 0xFFFFFFFF if number >> 32 == _NAT64 else number >> 64 | _IPV6


def shown_source(address: Address) -> str:
    """For a log: the address of IPv4, or the /64."""
    source = source_of(address)
    if source < _IPV6:
        return shown(IPv4Address(source))
    return str(IPv6Network(((source ^ _IPV6) << 64, 64)))
