"""LDAPMessage, the envelope of everything (RFC 4511, section 4.1.1), and the operations by their tags."""

from typing import NamedTuple

from protocols.dialogue import Buffer, Dialogue, ProtocolError
from protocols.ldap import ber

BIND, BIND_RESPONSE, UNBIND = 0x60, 0x61, 0x42
SEARCH, ENTRY, REFERENCE, SEARCH_DONE = 0x63, 0x64, 0x73, 0x65
MODIFY, ADD, DELETE, MODIFY_DN, COMPARE = 0x66, 0x68, 0x4A, 0x6C, 0x6E
ABANDON, EXTENDED, EXTENDED_RESPONSE, INTERMEDIATE = 0x50, 0x77, 0x78, 0x79
# What answers a request in the end. Nothing answers Unbind and Abandon.
RESPONSES = {
    BIND: BIND_RESPONSE,
    SEARCH: SEARCH_DONE,
    MODIFY: 0x67,
    ADD: 0x69,
    DELETE: 0x6B,
    MODIFY_DN: 0x6D,
    COMPARE: 0x6F,
    EXTENDED: EXTENDED_RESPONSE,
}
REQUESTS = frozenset((*RESPONSES, UNBIND, ABANDON))
CONTROLS, SIMPLE = 0xA0, 0x80
UNSOLICITED = 0  # the message ID of what answers no request


class Message(NamedTuple):
    """One message as it came. The operation's contents are `data[start:stop]`; controls may stand behind.

    A named tuple, as the operations are.
    """

    data: bytes
    id: int
    operation: int
    start: int
    stop: int


class Bind(NamedTuple):
    """BindRequest. `password` is None for another method than the simple one."""

    version: int
    name: bytes
    password: bytes | None


def parse(data: bytes) -> Message:
    """The message that `data` is: one element, all of it."""
    end = len(data)
    at, stop = ber.expect(ber.SEQUENCE, data, 0, end)
    if stop != end:
        raise ProtocolError("bytes stand behind a message")
    number, at = ber.number(ber.INTEGER, data, at, end)
    operation, start, stop = ber.element(data, at, end)
    if stop != end:
        _, rest = ber.expect(CONTROLS, data, stop, end)
        if rest != end:
            raise ProtocolError("a message has more in it than it should")
    return Message(data, number, operation, start, stop)


def parse_bind(message: Message) -> Bind:
    """RFC 4511, section 4.2."""
    data, end = message.data, message.stop
    version, at = ber.number(ber.INTEGER, data, message.start, end)
    name, at = ber.octets(data, at, end)
    method, start, stop = ber.element(data, at, end)
    if stop != end:
        raise ProtocolError("a bind has more in it than it should")
    return Bind(version, name, data[start:stop] if method == SIMPLE else None)


def read_message(buffer: Buffer, limit: int) -> Dialogue[Message]:
    """The next message, of at most `limit` bytes."""
    return parse((yield from buffer.read_measured(lambda data: ber.measure(data, limit))))


def encode_message(number: int, *parts: bytes) -> bytes:
    """A message of these elements: the operation and, if need be, controls."""
    return ber.encode(ber.SEQUENCE, ber.encode_unsigned(ber.INTEGER, number), *parts)


def result(number: int, tag: int, code: int, text: bytes = b"", *more: bytes) -> bytes:
    """A message that is an LDAPResult (section 4.1.9); `more` stands behind its three parts."""
    if code or text or more:
        return encode_message(number, _result(tag, code, text, *more))
    return encode_message(number, _SUCCESSES[tag])


def _result(tag: int, code: int, text: bytes, *more: bytes) -> bytes:
    return ber.encode(
        tag,
        ber.encode_unsigned(ber.ENUMERATED, code),
        ber.encode(ber.OCTET_STRING),
        ber.encode(ber.OCTET_STRING, text),
        *more,
    )


# Most answers are one of these, but for their message ID.
_SUCCESSES = {tag: _result(tag, 0, b"") for tag in RESPONSES.values()}


def parse_result(message: Message) -> tuple[int, bytes]:
    """The result code and the diagnostic message of an LDAPResult."""
    data, end = message.data, message.stop
    start, stop = ber.expect(ber.ENUMERATED, data, message.start, end)
    code = ber.unsigned(data, start, stop)
    _, stop = ber.expect(ber.OCTET_STRING, data, stop, end)
    start, stop = ber.expect(ber.OCTET_STRING, data, stop, end)
    return code, data[start:stop]


def expect_response(message: Message, number: int, tag: int) -> None:
    """Raises `ProtocolError` unless the message answers that request."""
    if message.id == UNSOLICITED:
        raise ProtocolError("the directory disconnects")
    if (message.id, message.operation) != (number, tag):
        raise ProtocolError("the directory answered something else than what was asked")
