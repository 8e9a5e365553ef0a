"""Ports for the servers that the tests start."""

import random
import socket

# Below those that the kernel gives to outgoing connections (ip_local_port_range): one of these could take a
# port before its server does.
_FIRST, _LAST = 10_240, 32_000
_chance = random.SystemRandom()


def free_ports(count: int) -> list[int]:
    """Loopback ports on which nobody listens now. They are held until all are found, so none comes twice."""
    held: list[socket.socket] = []
    try:
        while len(held) < count:
            sock = socket.socket()
            try:
                sock.bind(("127.0.0.1", _chance.randrange(_FIRST, _LAST)))
            except OSError:
                sock.close()
            else:
                held.append(sock)
        return [sock.getsockname()[1] for sock in held]
    finally:
        for sock in held:
            sock.close()
