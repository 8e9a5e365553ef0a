"""What counts as one source of connections and guesses."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network

from config import Network
from portal.client_address import peer_address

_SITE = 64  # bits of an IPv6 address; who has one address of such a network has all (RFC 4291, section 2.5.4)


def source_of(address: IPv4Address | IPv6Address) -> str:
    """An IPv4 address, or the /64 of an IPv6 address."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(IPv6Network((address, _SITE), strict=False))


def source_of_peer(host: str, proxies: Iterable[Network]) -> str | None:
    """Of a connection; None for that of a web server in front, through which everybody comes."""
    address = peer_address(host)
    if address is None:
        return host
    return None if any(address in network for network in proxies) else source_of(address)
