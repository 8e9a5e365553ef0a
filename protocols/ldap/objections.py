"""Why a request is not passed on: what its client is told, and the connection goes on."""

from dataclasses import dataclass

from protocols.ldap import codes


@dataclass(frozen=True, slots=True)
class Objection:
    """A result code and a sentence."""

    code: int
    text: bytes


class NotUnderstood(Exception):
    """A request can be taken apart, but isn't one that LDAP knows, or is larger than it may be.

    What can't even be taken apart is a `ProtocolError`, and ends the connection (RFC 4511, section 4.1.1).
    """

    def __init__(self, text: bytes, code: int = codes.PROTOCOL_ERROR) -> None:
        super().__init__(text)
        self.objection = Objection(code, text)
