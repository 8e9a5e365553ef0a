"""Failed logins: so many are allowed, over all connections, workers and nodes, and nobody is locked out."""

from gateway.throttle.guess import Guess, Guesses
from gateway.throttle.opening import open_throttle
from gateway.throttle.throttle import Throttle

__all__ = ["Guess", "Guesses", "Throttle", "open_throttle"]
