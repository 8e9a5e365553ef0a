"""Ports for servers that are about to be started."""

import socket


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody uses now."""
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in socks]
    for sock in socks:
        sock.close()
    return ports
