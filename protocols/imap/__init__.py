"""IMAP up to the login (RFC 9051, RFC 3501): after it the gateway passes bytes and understands none."""

from protocols.imap.back import back, probe
from protocols.imap.front import front

__all__ = ["GOODBYE", "back", "front", "probe"]

# RFC 9051, section 7.1.5: a server may say so at any time.
GOODBYE = b"* BYE The server restarts; connect again\r\n"
