"""IMAP up to the login (RFC 9051, RFC 3501): after it the gateway passes bytes and understands none."""

from protocols.imap.back import back
from protocols.imap.front import Terms, front

__all__ = ["Terms", "back", "front"]
