"""Listening sockets of our own, and what is set on every listening socket, whoever made it.

It needs nothing of the configuration, so that the supervisor can bind without loading it.
"""

import contextlib
import socket
from ipaddress import ip_address

from gateway import cannot_listen

BACKLOG = 4096
_DEFER_SECONDS = 5


def bound(host: str, port: int, *, client_speaks_first: bool) -> socket.socket:
    """A socket bound to the address, not listening yet. Raises `CannotListen`."""
    try:
        return _bound(host, port, client_speaks_first)
    except OSError as error:
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise cannot_listen.on_address(where, error) from None


def listen(sock: socket.socket) -> None:
    """Take connections from now on; one that listens already only gets our backlog."""
    sock.listen(BACKLOG)


def prepare(sock: socket.socket, *, client_speaks_first: bool) -> None:
    """Set what accepted sockets inherit from the listening one."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # A client that speaks first is accepted once it has spoken, and the handshake needn't wait. A socket that
    # was handed over may have served another kind of client before, so the other case is set too.
    defer = _DEFER_SECONDS if client_speaks_first else 0
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, defer)


def look_up(host: str, port: int) -> tuple[int, str]:
    """The address family and the IP address to bind to. Raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    return family, str(address[0])


def _bound(host: str, port: int, client_speaks_first: bool) -> socket.socket:
    family, ip = look_up(host, port)
    sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK, socket.IPPROTO_TCP)
    with contextlib.ExitStack() as on_error:
        on_error.callback(sock.close)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        prepare(sock, client_speaks_first=client_speaks_first)
        if family == socket.AF_INET6:
            # "[::]" takes IPv4 clients too, as administrators expect of it.
            only_v6 = 0 if ip_address(ip).is_unspecified else 1
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only_v6)
        sock.bind((ip, port))
        on_error.pop_all()
    return sock
