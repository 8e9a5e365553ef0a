"""ManageSieve up to the login (RFC 5804): after it the gateway passes bytes and understands none."""

from protocols.sieve.back import back, probe
from protocols.sieve.front import front

__all__ = ["GOODBYE", "back", "front", "probe"]

# RFC 5804, section 1.2: a server may say so at any time.
GOODBYE = b'BYE (TRYLATER) "The server restarts; connect again"\r\n'
