"""IMAP up to the login (RFC 9051, RFC 3501): after it the gateway passes bytes and understands none."""

from protocols.imap.back import back, probe
from protocols.imap.front import front

__all__ = ["back", "front", "probe"]
