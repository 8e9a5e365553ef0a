"""Failed logins: so many are allowed, over all connections, workers and nodes, and nobody is locked out."""

from gateway.throttle.opening import open_throttle
from gateway.throttle.throttle import Held, Throttle

__all__ = ["Held", "Throttle", "open_throttle"]
