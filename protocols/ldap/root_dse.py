"""The root DSE: what a directory says of itself to everybody (RFC 4512, section 5.1).

The gateway answers for it, from what it has learnt of its backend. It leaves out what would lead clients
around the gateway: logins that it doesn't offer, and other servers.
"""

from collections.abc import Sequence

from protocols.ldap import ber, codes
from protocols.ldap import message as ldap
from protocols.ldap.encoding import encode
from protocols.ldap.operations import Request, Search

_LEFT_OUT = frozenset((b"supportedsaslmechanisms", b"altserver", b"supportedldapversion"))
_EXTENSIONS = b"supportedExtension"
_BASE = 0
_ALL = frozenset((b"*", b"+"))


def is_asked_for(search: Search) -> bool:
    """Whether this search is for the root DSE: the entry without a name, and no other (section 5.1)."""
    return not search.base and search.scope == _BASE


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


def entry(number: int, search: Search, attributes: Sequence[tuple[bytes, Sequence[bytes]]]) -> bytes:
    """The SearchResultEntry. The filter isn't looked at: everybody asks whether there is an objectClass."""
    wanted = frozenset(name.lower() for name in search.attributes)
    encoded = [
        encode_attribute(name, () if search.types_only else values)
        for name, values in attributes
        if not wanted or wanted & _ALL or name.lower() in wanted
    ]
    body = ber.encode(ber.OCTET_STRING), ber.encode(ber.SEQUENCE, *encoded)
    return ldap.encode_message(number, ber.encode(ldap.ENTRY, *body))


def search(number: int) -> bytes:
    """A search for all of the root DSE."""
    present = ber.encode(0x87, b"objectClass")
    return encode(Request(number, Search(b"", _BASE, 0, 0, 0, False, present, (b"*", b"+"))))


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
