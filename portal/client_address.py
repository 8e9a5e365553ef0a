"""Where a request comes from: the client's own address, and not that of a web server in front of us."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

from starlette.requests import Request

from config import Network


def client_address(request: Request, proxies: Iterable[Network]) -> str:
    """The last address that no proxy of ours has.

    Some proxies add a line of their own to one that the client has sent, so all of them count.
    """
    peer = request.client.host if request.client else "0.0.0.0"  # noqa: S104
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    for said in reversed([one.strip() for one in (*forwarded.split(","), peer) if one.strip()]):
        try:
            address = ip_address(said)
        except ValueError:
            break
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if not any(address in network for network in proxies):
            return str(address)
    return peer
