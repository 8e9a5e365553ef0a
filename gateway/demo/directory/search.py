"""Search and Compare (RFC 4511, sections 4.5 and 4.10)."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.demo.directory.attributes import prepared_whole, told_name
from gateway.demo.directory.entries import BASE, Entry
from gateway.demo.directory.filters import Filter, matches, read_assertion, read_filter
from gateway.demo.directory.results import (
    COMPARE_FALSE,
    COMPARE_TRUE,
    NO_SUCH_ATTRIBUTE,
    SIZE_LIMIT_EXCEEDED,
    UNDEFINED_ATTRIBUTE_TYPE,
    Refusal,
)
from gateway.demo.directory.tree import BASE_OBJECT, ROOT, WHOLE_SUBTREE, Tree
from protocols.dialogue import ProtocolError
from protocols.ldap import ber, codes
from protocols.ldap import message as ldap
from protocols.ldap.filter import MAX_DEPTH, MAX_TERMS, is_within_bounds
from protocols.ldap.message import Message
from protocols.ldap.root_dse import encode_attribute
from store.distinguished_name import DistinguishedName, parse

_ALL, _NONE = b"*", b"1.1"  # RFC 4511, section 4.5.1.8
_MAX_REQUESTED = 1000
_TOO_LARGE = Refusal(
    codes.ADMIN_LIMIT_EXCEEDED,
    b"A filter may be %d deep and have %d terms; make it simpler" % (MAX_DEPTH, MAX_TERMS),
)
_NO_DN = Refusal(
    codes.INVALID_DN_SYNTAX, b"This is no DN; write it as in uid=dora,ou=people," + BASE.encode()
)
_NOTHING = Refusal(codes.NO_SUCH_OBJECT, b"There is no such entry; all there are lie below " + BASE.encode())
_NO_SCOPE = Refusal(codes.PROTOCOL_ERROR, b"The scope has to be base, one or sub")
_MORE = Refusal(SIZE_LIMIT_EXCEEDED, b"There are more entries than were asked for")


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for. `size` is how many entries are wanted at most, 0 for all."""

    base: bytes
    scope: int
    size: int
    types_only: bool
    filter: Filter
    requested: tuple[bytes, ...]


def search(message: Message, tree: Tree) -> tuple[bytes, Refusal | None]:
    """The messages of the entries that were found, and why these aren't all. Raises `ProtocolError`."""
    if not is_within_bounds(message):
        return b"", _TOO_LARGE
    asked = _read(message)
    candidates = _candidates(asked, tree)
    if isinstance(candidates, Refusal):
        return b"", candidates
    found = [one for one in candidates if matches(asked.filter, one)]
    told = found[: asked.size or None]
    encoded = b"".join(_encoded(message.id, one, asked) for one in told)
    return encoded, _MORE if len(told) < len(found) else None


def compare(message: Message, tree: Tree) -> int | Refusal:
    """The result code of a comparison that could be made. Raises `ProtocolError`."""
    data, end = message.data, message.stop
    start, at = ber.expect(ber.OCTET_STRING, data, message.start, end)
    dn = parse(data[start:at])
    start, at = ber.expect(ber.SEQUENCE, data, at, end)
    if at != end:
        raise ProtocolError("a comparison has more in it than it should")
    described, value = read_assertion(data, start, at)
    entry = tree.entry(dn)
    if entry is None:
        return _NO_DN if dn is None else _NOTHING
    name = told_name(described)
    if name is None:
        return Refusal(UNDEFINED_ATTRIBUTE_TYPE, b"This attribute is not known here")
    if name not in entry.attributes:
        return Refusal(NO_SUCH_ATTRIBUTE, b"The entry doesn't have this attribute")
    return COMPARE_TRUE if entry.holds(name, prepared_whole(name, value)) else COMPARE_FALSE


def _read(message: Message) -> Search:
    data, end = message.data, message.stop
    start, at = ber.expect(ber.OCTET_STRING, data, message.start, end)
    base = data[start:at]
    scope, at = _number(ber.ENUMERATED, data, at, end)
    _, at = _number(ber.ENUMERATED, data, at, end)  # there are no aliases that could be dereferenced
    size, at = _number(ber.INTEGER, data, at, end)
    _, at = _number(ber.INTEGER, data, at, end)  # no search takes a second
    start, at = ber.expect(ber.BOOLEAN, data, at, end)
    types_only = any(data[start:at])
    filter, at = read_filter(data, at, end)
    at, stop = ber.expect(ber.SEQUENCE, data, at, end)
    requested: list[bytes] = []
    while at < stop and len(requested) < _MAX_REQUESTED:
        start, at = ber.expect(ber.OCTET_STRING, data, at, stop)
        requested.append(data[start:at])
    if at != end:
        raise ProtocolError("a search asks for too many attributes, or has more in it than it should")
    return Search(base, scope, size, types_only, filter, tuple(requested))


def _number(tag: int, data: bytes, at: int, end: int) -> tuple[int, int]:
    start, stop = ber.expect(tag, data, at, end)
    return ber.unsigned(data, start, stop), stop


def _candidates(asked: Search, tree: Tree) -> Iterable[Entry] | Refusal:
    if not BASE_OBJECT <= asked.scope <= WHOLE_SUBTREE:
        return _NO_SCOPE
    base: DistinguishedName | None = parse(asked.base) if asked.base else ROOT
    if base is None:
        return _NO_DN
    if base != ROOT and tree.entry(base) is None:
        return _NOTHING
    return tree.within(base, asked.scope)


def _encoded(number: int, entry: Entry, asked: Search) -> bytes:
    wanted = {told_name(described) for described in asked.requested}
    every = not asked.requested or _ALL in asked.requested
    attributes = [
        encode_attribute(name.encode(), () if asked.types_only else values)
        for name, values in entry.attributes.items()
        if every or name in wanted
    ]
    dn = ber.encode(ber.OCTET_STRING, str(entry.dn).encode())
    return ldap.encode_message(number, ber.encode(ldap.ENTRY, dn, ber.encode(ber.SEQUENCE, *attributes)))
