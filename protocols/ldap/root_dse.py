"""The root DSE: what a directory says of itself to everybody (RFC 4512, section 5.1).

The gateway answers for it, from what it has learnt of its backend. It leaves out what would lead clients
around the gateway: logins that it doesn't offer, and other servers.
"""

from collections.abc import Sequence

from protocols.ldap import ber, codes
from protocols.ldap import message as ldap
from protocols.ldap.filter import filter_at
from protocols.ldap.message import Message

_LEFT_OUT = frozenset((b"supportedsaslmechanisms", b"altserver", b"supportedldapversion"))
_EXTENSIONS = b"supportedExtension"
_BASE = 0
_NO_ATTRIBUTES = b"1.1"  # RFC 4511, section 4.5.1.8
_ALL = frozenset((b"*", b"+"))
_MAX_REQUESTED = 1000


def is_asked_for(message: Message) -> bool:
    """Whether this search is for the root DSE: the entry without a name, and no other (section 5.1)."""
    start, stop = ber.expect(ber.OCTET_STRING, message.data, message.start, message.stop)
    scope, end = ber.expect(ber.ENUMERATED, message.data, stop, message.stop)
    return start == stop and ber.unsigned(message.data, scope, end) == _BASE


def attributes(offered: Sequence[bytes], starttls: bool) -> list[tuple[bytes, list[bytes]]]:
    """Names and values, from the attributes that the backend has, each as it was encoded."""
    found = [parse_attribute(one, 0, len(one))[0] for one in offered]
    shown = [
        (name, values) for name, values in found if name.lower() not in _LEFT_OUT | {_EXTENSIONS.lower()}
    ]
    extensions = [value for name, values in found if name.lower() == _EXTENSIONS.lower() for value in values]
    ours = [oid for oid in extensions if oid not in (codes.START_TLS, codes.TURN, codes.FAST_BIND)]
    ours += [codes.START_TLS] if starttls else []
    shown.append((b"supportedLDAPVersion", [b"3"]))
    if ours:
        shown.append((_EXTENSIONS, ours))
    return shown if found else [(b"objectClass", [b"top"]), *shown]


def entry(message: Message, attributes: Sequence[tuple[bytes, Sequence[bytes]]]) -> bytes:
    """The SearchResultEntry. The filter isn't looked at: everybody asks whether there is an objectClass."""
    types_only, requested = _asked(message)
    wanted = frozenset(name.lower() for name in requested)
    encoded = [
        encode_attribute(name, () if types_only else values)
        for name, values in attributes
        if not wanted or wanted & _ALL or name.lower() in wanted
    ]
    body = ber.encode(ber.OCTET_STRING), ber.encode(ber.SEQUENCE, *encoded)
    return ldap.encode_message(message.id, ber.encode(ldap.ENTRY, *body))


def search(number: int) -> bytes:
    """A search for all of the root DSE."""
    parts = (
        ber.encode(ber.OCTET_STRING),
        ber.encode_unsigned(ber.ENUMERATED, _BASE),
        ber.encode_unsigned(ber.ENUMERATED, 0),
        ber.encode_unsigned(ber.INTEGER, 0),
        ber.encode_unsigned(ber.INTEGER, 0),
        ber.encode(ber.BOOLEAN, b"\0"),
        ber.encode(0x87, b"objectClass"),
        ber.encode(ber.SEQUENCE, *(ber.encode(ber.OCTET_STRING, name) for name in (b"*", b"+"))),
    )
    return ldap.encode_message(number, ber.encode(ldap.SEARCH, *parts))


def encode_attribute(name: bytes, values: Sequence[bytes]) -> bytes:
    """A PartialAttribute (RFC 4511, section 4.1.7)."""
    told = ber.encode(ber.SET, *(ber.encode(ber.OCTET_STRING, value) for value in values))
    return ber.encode(ber.SEQUENCE, ber.encode(ber.OCTET_STRING, name), told)


def parse_attribute(data: bytes, at: int, end: int) -> tuple[tuple[bytes, list[bytes]], int]:
    """Name and values of the PartialAttribute at `at`, and where it ends."""
    at, end = ber.expect(ber.SEQUENCE, data, at, end)
    start, stop = ber.expect(ber.OCTET_STRING, data, at, end)
    at, _ = ber.expect(ber.SET, data, stop, end)
    values = []
    while at < end:
        first, at = ber.expect(ber.OCTET_STRING, data, at, end)
        values.append(data[first:at])
    return (data[start:stop], values), end


def _asked(message: Message) -> tuple[bool, list[bytes]]:
    """Whether only names are wanted, and of which attributes; none means all."""
    data, at = message.data, filter_at(message)
    types_only = data[at - 1] != 0  # the BOOLEAN in front of the filter
    _, _, at = ber.element(data, at, message.stop)
    at, end = ber.expect(ber.SEQUENCE, data, at, message.stop)
    names: list[bytes] = []
    while at < end and len(names) < _MAX_REQUESTED:
        start, at = ber.expect(ber.OCTET_STRING, data, at, end)
        names.append(data[start:at])
    return types_only, names
