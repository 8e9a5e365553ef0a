"""Search and Compare (RFC 4511, sections 4.5 and 4.10)."""

from collections.abc import Iterable

from gateway.demo.directory.attributes import prepared_whole, told_name
from gateway.demo.directory.entries import BASE, Entry
from gateway.demo.directory.filters import matches, read_filter
from gateway.demo.directory.results import (
    COMPARE_FALSE,
    COMPARE_TRUE,
    NO_SUCH_ATTRIBUTE,
    SIZE_LIMIT_EXCEEDED,
    UNDEFINED_ATTRIBUTE_TYPE,
    Refusal,
)
from gateway.demo.directory.tree import BASE_OBJECT, ROOT, WHOLE_SUBTREE, Tree
from protocols.ldap import ber, codes
from protocols.ldap import message as ldap
from protocols.ldap.operations import Compare, Search
from protocols.ldap.root_dse import encode_attribute
from store.distinguished_name import DistinguishedName, parse

_ALL, _NONE = b"*", b"1.1"  # RFC 4511, section 4.5.1.8
_NO_DN = Refusal(
    codes.INVALID_DN_SYNTAX, b"This is no DN; write it as in uid=dora,ou=people," + BASE.encode()
)
_NOTHING = Refusal(codes.NO_SUCH_OBJECT, b"There is no such entry; all there are lie below " + BASE.encode())
_NO_SCOPE = Refusal(codes.PROTOCOL_ERROR, b"The scope has to be base, one or sub")
_MORE = Refusal(SIZE_LIMIT_EXCEEDED, b"There are more entries than were asked for")


def search(number: int, asked: Search, tree: Tree) -> tuple[bytes, Refusal | None]:
    """The messages of the entries that were found, and why these aren't all."""
    candidates = _candidates(asked, tree)
    if isinstance(candidates, Refusal):
        return b"", candidates
    filter, _ = read_filter(asked.filter, 0, len(asked.filter))
    found = [one for one in candidates if matches(filter, one)]
    told = found[: asked.size_limit or None]
    encoded = b"".join(_encoded(number, one, asked) for one in told)
    return encoded, _MORE if len(told) < len(found) else None


def compare(asked: Compare, tree: Tree) -> int | Refusal:
    """The result code of a comparison that could be made."""
    dn = parse(asked.entry)
    entry = tree.entry(dn)
    if entry is None:
        return _NO_DN if dn is None else _NOTHING
    name = told_name(asked.attribute)
    if name is None:
        return Refusal(UNDEFINED_ATTRIBUTE_TYPE, b"This attribute is not known here")
    if name not in entry.attributes:
        return Refusal(NO_SUCH_ATTRIBUTE, b"The entry doesn't have this attribute")
    return COMPARE_TRUE if entry.holds(name, prepared_whole(name, asked.value)) else COMPARE_FALSE


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
    wanted = {told_name(described) for described in asked.attributes}
    every = not asked.attributes or _ALL in asked.attributes
    attributes = [
        encode_attribute(name.encode(), () if asked.types_only else values)
        for name, values in entry.attributes.items()
        if every or name in wanted
    ]
    dn = ber.encode(ber.OCTET_STRING, str(entry.dn).encode())
    return ldap.encode_message(number, ber.encode(ldap.ENTRY, dn, ber.encode(ber.SEQUENCE, *attributes)))
