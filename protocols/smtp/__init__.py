"""Message submission (RFC 6409) up to the login: after it the gateway passes bytes and understands none."""

from protocols.smtp.back import back, probe
from protocols.smtp.front import front
from protocols.smtp.progress import Progress

__all__ = ["GOODBYE", "Progress", "back", "front", "probe"]

# RFC 5321, section 3.8: a server that has to go says so; the client then tries again.
GOODBYE = b"421 4.3.2 The server restarts; connect again\r\n"
