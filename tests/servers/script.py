"""What the recording backend is told to do: what it says to a command, and what it does after that."""

from dataclasses import dataclass
from enum import Enum, auto


class Then(Enum):
    """What happens once the octets of a reply are sent."""

    GO_ON = auto()  # read the next command
    LOGGED_IN = auto()  # go on as if the login had succeeded
    START_TLS = auto()  # take the handshake, then read the next command
    CLOSE = auto()  # end with a FIN
    RESET = auto()  # end with an RST
    SILENCE = auto()  # keep the connection, record what comes, never answer
    REPEAT = auto()  # send the octets again and again until the client goes
    ECHO = auto()  # send back whatever comes


@dataclass(frozen=True, slots=True)
class Reply:
    """Octets to send in one write, after `delay` seconds; `{tag}` in them becomes the command's tag."""

    octets: bytes = b""
    then: Then = Then.GO_ON
    delay: float = 0.0

    def to(self, tag: bytes) -> bytes:
        return self.octets.replace(b"{tag}", tag)
