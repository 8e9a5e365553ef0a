"""Networks as people write them."""

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


def parse_network(text: str, *, strict: bool = True) -> Network:
    """Of 192.0.2.0/24 or one address. Raises ValueError, if `strict` also for bits behind the prefix.

    A zone (RFC 4007, section 11) is refused: it has a meaning on one machine alone, and takes any characters.
    """
    if "%" in text:
        raise ValueError("an address with a zone is no network")
    return ip_network(text, strict=strict)
