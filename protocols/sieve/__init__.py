"""ManageSieve up to the login (RFC 5804): after it the gateway passes bytes and understands none."""

from protocols.sieve.back import back, probe
from protocols.sieve.front import front

__all__ = ["back", "front", "probe"]
