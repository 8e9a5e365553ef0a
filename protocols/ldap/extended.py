"""Extended operations (RFC 4511, section 4.12), as far as the gateway has to understand them."""

from protocols.dialogue import ProtocolError
from protocols.ldap import ber, codes
from protocols.ldap import message as ldap
from protocols.ldap.message import Message
from protocols.ldap.objections import Objection
from protocols.ldap.operations import Extended

_REQUEST_NAME, _RESPONSE_NAME, _RESPONSE_VALUE = 0x80, 0x8A, 0x8B


def admitted(operation: Extended) -> Extended | Objection:
    """The operation as an admitted user may ask for it, its value written anew.

    Password Modify (RFC 3062) above all is none of these: who has an app password has not shown the second
    factor.
    """
    if operation.name not in (codes.WHO_AM_I, codes.CANCEL):
        text = b"This extended operation can't be used with an app password"
        return Objection(codes.UNWILLING_TO_PERFORM, text)
    try:
        if operation.name == codes.CANCEL:
            return Extended(codes.CANCEL, _cancelled(operation.value or b""))
        if operation.value is None:
            return operation
    except ProtocolError:
        pass
    return Objection(codes.PROTOCOL_ERROR, b"The value of this extended operation can't be read")


def _cancelled(value: bytes) -> bytes:
    """RFC 3909, section 2: the message ID of an operation."""
    start, stop = ber.expect(ber.SEQUENCE, value, 0, len(value))
    ber.expect_end(stop, len(value))
    number, at = ber.number(ber.INTEGER, value, start, stop)
    ber.expect_end(at, stop)
    return ber.encode(ber.SEQUENCE, ber.encode_unsigned(ber.INTEGER, number))


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


def response_value(message: Message) -> bytes:
    """The value of a successful response (section 4.12), b"" where it has none."""
    data, end, at = message.data, message.stop, message.start
    for tag in (ber.ENUMERATED, ber.OCTET_STRING, ber.OCTET_STRING):
        _, at = ber.expect(tag, data, at, end)
    value = b""
    while at < end:
        tag, start, at = ber.element(data, at, end)
        if tag == _RESPONSE_VALUE:
            value = data[start:at]
    return value
