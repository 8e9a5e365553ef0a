"""The part of BER that LDAP allows (RFC 4511, section 5.1): definite lengths and one-byte tags.

Lengths may be written longer than they need be, as Windows always does (30 84 00 00 00 2A), with four bytes
at most; what is encoded here has the shortest. Everything is bounded by the element around it, so nothing is
believed that isn't there. What can't be read raises `ProtocolError`.

Contents are never copied to be looked at: an element is two positions, and each reader returns where the next
element begins. The common case, a length of one byte, comes first, since a search is made of twenty elements.
"""

from collections.abc import Iterable

from protocols.dialogue import ProtocolError

BOOLEAN, INTEGER, OCTET_STRING, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31
TRUE, FALSE = b"\x01\x01\xff", b"\x01\x01\x00"
CONSTRUCTED = 0x20
MAX_INT = 0x7FFFFFFF  # RFC 4511, section 4.1.1
_MANY_BYTES = 0x1F  # the mark of a tag that goes on in further bytes
_LONG = 0x80
_MOST_LENGTH_BYTES = 4
_HEADER = 2
_HEADS = tuple(bytes((OCTET_STRING, size)) for size in range(_LONG))


def element(data: bytes, at: int, end: int) -> tuple[int, int, int]:
    """The tag of the element at `at`, and where its contents start and end: at `end` at the latest."""
    start = at + _HEADER
    if start <= end and (size := data[at + 1]) < _LONG and (tag := data[at]) & _MANY_BYTES != _MANY_BYTES:
        stop = start + size
        if stop <= end:
            return tag, start, stop
    if start > end:
        raise ProtocolError("an element is cut off")
    tag, size = data[at], data[at + 1]
    if size >= _LONG:
        count = size - _LONG
        start += count
        if not 0 < count <= _MOST_LENGTH_BYTES or start > end:
            raise ProtocolError("an element has a length that can't be read")
        size = int.from_bytes(data[start - count : start])
    if tag & _MANY_BYTES == _MANY_BYTES:
        raise ProtocolError("an element has a tag of several bytes")
    stop = start + size
    if stop > end:
        raise ProtocolError("an element is longer than what it stands in")
    return tag, start, stop


def expect(tag: int, data: bytes, at: int, end: int) -> tuple[int, int]:
    """As `element`, for one that has to have this tag."""
    start = at + _HEADER
    if start <= end and data[at] == tag and (size := data[at + 1]) < _LONG and start + size <= end:
        return start, start + size
    found, start, stop = element(data, at, end)
    if found != tag:
        raise ProtocolError("an element has another tag than it should")
    return start, stop


def octets(data: bytes, at: int, end: int, tag: int = OCTET_STRING) -> tuple[bytes, int]:
    """The OCTET STRING at `at`, and where it ends."""
    start = at + _HEADER
    if start <= end and data[at] == tag and (size := data[at + 1]) < _LONG:
        stop = start + size
        if stop <= end:
            return data[start:stop], stop
    start, stop = expect(tag, data, at, end)
    return data[start:stop], stop


def number(tag: int, data: bytes, at: int, end: int) -> tuple[int, int]:
    """The INTEGER or ENUMERATED at `at`, which isn't negative, and where it ends."""
    stop = at + 3
    if stop <= end and data[at] == tag and data[at + 1] == 1 and (value := data[at + 2]) < _LONG:
        return value, stop
    start, stop = expect(tag, data, at, end)
    return unsigned(data, start, stop), stop


def boolean(data: bytes, at: int, end: int, tag: int = BOOLEAN) -> tuple[bool, int]:
    """The BOOLEAN at `at`, of one byte, and where it ends."""
    start, stop = expect(tag, data, at, end)
    if stop != start + 1:
        raise ProtocolError("a truth value has one byte")
    return data[start] != 0, stop


def strings(data: bytes, at: int, end: int, most: int) -> list[bytes]:
    """OCTET STRINGs side by side, up to the end. Of more than `most`, the first so many and one."""
    found: list[bytes] = []
    while at < end and len(found) <= most:
        value, at = octets(data, at, end)
        found.append(value)
    return found


def expect_end(at: int, end: int) -> None:
    """Nothing may stand behind the last field."""
    if at != end:
        raise ProtocolError("something stands behind the last field of an element")


def unsigned(data: bytes, start: int, stop: int) -> int:
    """The contents of an INTEGER or ENUMERATED that lies between 0 and 2^31 - 1 (RFC 4511, maxInt)."""
    if not start < stop <= start + 4 or data[start] & 0x80:
        raise ProtocolError("a number is not one of those allowed")
    return int.from_bytes(data[start:stop])


def measure(data: bytes, limit: int) -> int:
    """How many bytes the message that `data` begins with takes in all, as far as that can be told by now.

    Raises `ProtocolError` for what is no message, or longer than `limit`, before anybody waits for it.
    """
    if not data:
        return 1  # what is no LDAP shows in its first byte
    if data[0] != SEQUENCE:
        raise ProtocolError("this is not LDAP")
    if len(data) < _HEADER:
        return _HEADER
    size, start = data[1], _HEADER
    if size >= _LONG:
        count = size - _LONG
        if not 0 < count <= _MOST_LENGTH_BYTES:
            raise ProtocolError("an element has a length that can't be read")
        start += count
        if len(data) < start:
            return start
        size = int.from_bytes(data[_HEADER:start])
    if start + size > limit:
        raise ProtocolError(f"message too long: {limit} bytes are allowed here")
    return start + size


def head(tag: int, size: int) -> bytes:
    """The tag and the length of an element, the length as short as can be."""
    if size < _LONG:
        return bytes((tag, size))
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, _LONG + len(length))) + length


def encode(tag: int, *parts: bytes) -> bytes:
    """An element with these contents, its length as short as can be."""
    contents = b"".join(parts)
    return head(tag, len(contents)) + contents


def encode_octets(value: bytes) -> bytes:
    """An OCTET STRING."""
    size = len(value)
    return (_HEADS[size] if size < _LONG else head(OCTET_STRING, size)) + value


def encode_strings(values: Iterable[bytes]) -> bytes:
    """OCTET STRINGs side by side."""
    return b"".join(
        [
            (_HEADS[size] if (size := len(value)) < _LONG else head(OCTET_STRING, size)) + value
            for value in values
        ]
    )


def encode_unsigned(tag: int, number: int) -> bytes:
    """An INTEGER or ENUMERATED that isn't negative."""
    if number < _LONG:
        return bytes((tag, 1, number))
    return encode(tag, number.to_bytes(number.bit_length() // 8 + 1))
