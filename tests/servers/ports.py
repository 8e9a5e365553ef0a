"""Ports for the servers that the tests start."""

import itertools
import random
import socket
import threading
from collections.abc import Iterable, Iterator

# All below those that the kernel gives to outgoing connections (ip_local_port_range): one of these could take
# a port before its server does.
_BLOCKS = range(10_240, 21_984, 32)
# The demo's ports lie at fixed distances above its base, and no two of those differ by whole hundreds.
_BASES = range(22_000, 27_800, 100)
_chance = random.SystemRandom()


def _claimed(starts: range) -> Iterator[int]:
    """One start after the other that no other process of tests has, nor gets while this one lives.

    A claim is the UDP port of that number: the servers have no use for it, and the kernel takes it back.
    """
    claims: list[socket.socket] = []
    for start in _chance.sample(starts, len(starts)):
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", start))
        except OSError:
            claim.close()
        else:
            claims.append(claim)
            yield start
    raise RuntimeError(f"the tests have used up the {len(claims)} ranges of ports that were left")


_ports = (port for start in _claimed(_BLOCKS) for port in range(start, start + _BLOCKS.step))
_bases = _claimed(_BASES)
_one_at_a_time = threading.Lock()


def free_ports(count: int) -> list[int]:
    """Loopback ports on which nobody listens, and which are given to nobody else."""
    with _one_at_a_time:
        return list(itertools.islice(filter(_is_free, _ports), count))


def free_base(offsets: Iterable[int]) -> int:
    """A number above which all these ports are free, and are given to nobody else."""
    with _one_at_a_time:
        return next(base for base in _bases if all(_is_free(base + offset) for offset in offsets))


def _is_free(port: int) -> bool:
    with socket.socket() as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
