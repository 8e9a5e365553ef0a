"""POP3 up to the login (RFC 1939, RFC 5034): after it the gateway passes bytes and understands none."""

from protocols.pop3.back import back, probe
from protocols.pop3.front import front

__all__ = ["GOODBYE", "back", "front", "probe"]

# RFC 3206, section 4: it is nobody's fault, and will pass.
GOODBYE = b"-ERR [SYS/TEMP] The server restarts; connect again\r\n"
