"""LDAP's messages as octets (RFC 4511), written here once more so that attacks may break every rule.

Lengths are as short as can be. `element` is all there is to it: whoever wants another length writes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

START_TLS, NOTICE_OF_DISCONNECTION = "1.3.6.1.4.1.1466.20037", "1.3.6.1.4.1.1466.20036"
WHO_AM_I, PASSWORD_MODIFY = "1.3.6.1.4.1.4203.1.11.3", "1.3.6.1.4.1.4203.1.11.1"
BIND_RESPONSE, ENTRY, SEARCH_DONE, EXTENDED_RESPONSE = 0x61, 0x64, 0x65, 0x78
BASE, ONE, SUBTREE = 0, 1, 2
UNBIND = bytes.fromhex("30050201034200")


def element(tag: int, *parts: bytes) -> bytes:
    contents = b"".join(parts)
    size = len(contents)
    if size < 0x80:
        return bytes((tag, size)) + contents
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 + len(length))) + length + contents


def integer(value: int, tag: int = 0x02) -> bytes:
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1))


def octets(value: str | bytes, tag: int = 0x04) -> bytes:
    return element(tag, value.encode() if isinstance(value, str) else value)


def message(number: int, operation: bytes, controls: Sequence[bytes] = ()) -> bytes:
    """LDAPMessage (section 4.1.1)."""
    behind = element(0xA0, *controls) if controls else b""
    return element(0x30, integer(number), operation, behind)


def control(oid: str, value: bytes | None = None, *, critical: bool = True) -> bytes:
    """Section 4.1.11."""
    criticality = bytes.fromhex("0101ff") if critical else b""
    return element(0x30, octets(oid), criticality, octets(value) if value is not None else b"")


def bind(number: int, name: str | bytes, password: str | bytes, version: int = 3) -> bytes:
    """A simple bind (section 4.2)."""
    return message(number, element(0x60, integer(version), octets(name), octets(password, 0x80)))


def present(attribute: str = "objectClass") -> bytes:
    """The filter (attribute=*)."""
    return octets(attribute, 0x87)


def equals(attribute: str, value: str) -> bytes:
    return element(0xA3, octets(attribute), octets(value))


def search(
    number: int,
    base: str,
    filter: bytes = b"",
    attributes: Sequence[str] = (),
    *,
    scope: int = SUBTREE,
    controls: Sequence[bytes] = (),
) -> bytes:
    """Section 4.5.1."""
    limits = integer(scope, 0x0A) + integer(0, 0x0A) + integer(0) + integer(0) + element(0x01, b"\0")
    wanted = element(0x30, *map(octets, attributes))
    return message(number, element(0x63, octets(base), limits, filter or present(), wanted), controls)


def extended(number: int, oid: str, value: bytes | None = None, controls: Sequence[bytes] = ()) -> bytes:
    """Section 4.12."""
    behind = octets(value, 0x81) if value is not None else b""
    return message(number, element(0x77, octets(oid, 0x80), behind), controls)


def modify(number: int, dn: str, attribute: str, value: str, controls: Sequence[bytes] = ()) -> bytes:
    """Section 4.6: the attribute gets this value alone."""
    change = element(0x30, integer(2, 0x0A), _attribute(attribute, value))
    return message(number, element(0x66, octets(dn), element(0x30, change)), controls)


def add(number: int, dn: str, attribute: str, value: str) -> bytes:
    """Section 4.7."""
    return message(number, element(0x68, octets(dn), element(0x30, _attribute(attribute, value))))


def delete(number: int, dn: str) -> bytes:
    return message(number, octets(dn, 0x4A))


def rename(number: int, dn: str, rdn: str) -> bytes:
    """Section 4.9."""
    return message(number, element(0x6C, octets(dn), octets(rdn), element(0x01, b"\xff")))


def compare(number: int, dn: str, attribute: str, value: str) -> bytes:
    return message(number, element(0x6E, octets(dn), element(0x30, octets(attribute), octets(value))))


def abandon(number: int, which: int) -> bytes:
    return message(number, integer(which, 0x50))


def result(number: int, tag: int, code: int, text: str = "", more: bytes = b"") -> bytes:
    """What a directory answers (section 4.1.9)."""
    return message(number, element(tag, integer(code, 0x0A), octets(""), octets(text), more))


def _attribute(name: str, value: str) -> bytes:
    return element(0x30, octets(name), element(0x31, octets(value)))


@dataclass(frozen=True, slots=True)
class Answer:
    """A message that is a result: its text and, of an extended one, its name or value."""

    number: int
    tag: int
    code: int
    text: str
    name: str = ""
    value: bytes = b""


@dataclass(frozen=True, slots=True)
class Found:
    """A SearchResultEntry as octets."""

    number: int
    data: bytes


def size_of(data: bytes) -> int:
    """How many octets the element at the beginning has in all; 0 as long as that can't be told."""
    if len(data) < 2:
        return 0
    if data[1] < 0x80:
        return 2 + data[1]
    count = data[1] - 0x80
    return 2 + count + int.from_bytes(data[2 : 2 + count]) if len(data) >= 2 + count else 0


def split(data: bytes) -> list[tuple[int, bytes]]:
    """The elements that stand side by side, as tags and contents."""
    found = []
    while data:
        size = size_of(data)
        assert 0 < size <= len(data), "an element is cut off"
        start = 2 if data[1] < 0x80 else 2 + data[1] - 0x80
        found.append((data[0], data[start:size]))
        data = data[size:]
    return found


def parse(data: bytes) -> Answer | Found:
    """A message that a server sends."""
    [(tag, contents)] = split(data)
    assert tag == 0x30, "it's no LDAPMessage"
    (_, number), (tag, operation), *_ = split(contents)
    if tag == ENTRY:
        return Found(int.from_bytes(number), data)
    (_, code), _, (_, text), *rest = split(operation)
    more = dict(rest)
    name, value = more.get(0x8A, b"").decode(), more.get(0x8B, b"")
    return Answer(int.from_bytes(number), tag, int.from_bytes(code), text.decode(), name, value)
