"""Message submission (RFC 6409) up to the login: after it the gateway passes bytes and understands none."""

from protocols.smtp.back import back, probe
from protocols.smtp.front import front

__all__ = ["back", "front", "probe"]
