"""Extended operations (RFC 4511, section 4.12), as far as the gateway has to understand them."""

from protocols.ldap import ber, codes
from protocols.ldap import message as ldap
from protocols.ldap.message import Message

_REQUEST_NAME, _RESPONSE_NAME, _RESPONSE_VALUE = 0x80, 0x8A, 0x8B


def name(message: Message) -> bytes:
    """The OID that says which one it is."""
    start, stop = ber.expect(_REQUEST_NAME, message.data, message.start, message.stop)
    return message.data[start:stop]


def request(number: int, name: bytes) -> bytes:
    """A request without a value."""
    return ldap.encode_message(number, ber.encode(ldap.EXTENDED, ber.encode(_REQUEST_NAME, name)))


def response(number: int, code: int, name: bytes, *, text: bytes = b"") -> bytes:
    """A response without a value."""
    return ldap.result(number, ldap.EXTENDED_RESPONSE, code, text, ber.encode(_RESPONSE_NAME, name))


def who_am_i(number: int, identity: bytes) -> bytes:
    """The answer to "Who am I?" (RFC 4532): an authorization identity as the value, and no name."""
    value = ber.encode(_RESPONSE_VALUE, identity)
    return ldap.result(number, ldap.EXTENDED_RESPONSE, codes.SUCCESS, b"", value)
