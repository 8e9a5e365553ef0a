"""POP3 up to the login (RFC 1939, RFC 5034): after it the gateway passes bytes and understands none."""

from protocols.pop3.back import back, probe
from protocols.pop3.front import front

__all__ = ["back", "front", "probe"]
