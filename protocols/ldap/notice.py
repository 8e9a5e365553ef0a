"""The notice of disconnection: the last word of a server that has to go (RFC 4511, section 4.4.1)."""

from protocols.ldap import codes, extended
from protocols.ldap.message import UNSOLICITED


def notice_of_disconnection(code: int, text: bytes) -> bytes:
    """Nothing may be said behind it."""
    return extended.response(UNSOLICITED, code, codes.NOTICE_OF_DISCONNECTION, text=text)


GOODBYE = notice_of_disconnection(codes.UNAVAILABLE, b"The server closes this connection")
