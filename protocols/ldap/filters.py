"""Filters of searches (RFC 4511, section 4.5.1.7), read and written anew in one pass.

A directory may take a filter apart by recursion, and a hundred kilobytes can be fifty thousand deep: so it
may be no deeper and no longer than can be meant. What is kept of a filter is how it is written, with the
shortest lengths, since nothing but its form is judged here.
"""

from protocols.dialogue import ProtocolError
from protocols.ldap import ber, codes, grammar
from protocols.ldap.objections import NotUnderstood

MAX_DEPTH = 50
MAX_TERMS = 10_000
_AND, _OR, _NOT, _EQUALITY, _SUBSTRINGS, _GREATER, _LESS = 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6
_PRESENT, _APPROXIMATE, _EXTENSIBLE = 0x87, 0xA8, 0xA9
_INITIAL, _ANY, _FINAL = 0x80, 0x81, 0x82
_SETS = frozenset((_AND, _OR, _NOT))
_PIECES = frozenset((_INITIAL, _ANY, _FINAL))
_RULE, _TYPE, _VALUE, _DN_ATTRIBUTES = 0x81, 0x82, 0x83, 0x84
_TOO_LARGE = b"The filter is too large: %d terms, %d deep, are allowed" % (MAX_TERMS, MAX_DEPTH)


def rewritten(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    """The filter at `at`, encoded anew, and where it ends. Raises `ProtocolError` and `NotUnderstood`."""
    parts: list[bytes] = []
    _, stop = _copy(data, at, end, parts, 1)
    return b"".join(parts), stop


def rewritten_terms(data: bytes, at: int, end: int) -> list[bytes]:
    """Terms side by side, none of which contains others (RFC 3876, section 2), in pieces."""
    parts: list[bytes] = []
    while at < end:
        if data[at] in _SETS:
            raise NotUnderstood(b"A filter has a term that can't be there")
        _, at = _copy(data, at, end, parts, 1)
    return parts


def _copy(data: bytes, at: int, end: int, parts: list[bytes], depth: int) -> tuple[int, int]:
    """Append the filter at `at` to `parts`, one for each term and each piece of a substring. Returns its new
    size, and where it ended.

    What a term contains is written once, however deep it is.
    """
    if depth > MAX_DEPTH or len(parts) >= MAX_TERMS:
        raise NotUnderstood(_TOO_LARGE, codes.ADMIN_LIMIT_EXCEEDED)
    tag, start, stop = ber.element(data, at, end)
    if (written := _TERMS.get(tag)) is not None:
        term = written(tag, data, start, stop)
        parts.append(term)
        return len(term), stop
    if tag == _SUBSTRINGS:
        return _copy_substrings(data, start, stop, parts), stop
    if tag not in _SETS:
        raise NotUnderstood(b"A filter has a term that LDAP doesn't know")
    place, size, at = len(parts), 0, start
    parts.append(b"")  # the head, when its length is known
    while at < stop and (tag != _NOT or at == start):
        inner, at = _copy(data, at, stop, parts, depth + 1)
        size += inner
    if at != stop or (tag == _NOT and not size):
        raise ProtocolError("a filter negates one filter")
    parts[place] = head = ber.head(tag, size)
    return len(head) + size, stop


def _assertion(tag: int, data: bytes, at: int, end: int) -> bytes:
    """AttributeValueAssertion (section 4.1.6)."""
    name, at = ber.octets(data, at, end)
    value, at = ber.octets(data, at, end)
    ber.expect_end(at, end)
    grammar.expect_description(name)
    contents = ber.encode_octets(name) + ber.encode_octets(value)
    return ber.head(tag, len(contents)) + contents


def _present(tag: int, data: bytes, at: int, end: int) -> bytes:
    name = data[at:end]
    grammar.expect_description(name)
    return ber.head(tag, len(name)) + name


def _copy_substrings(data: bytes, at: int, end: int, parts: list[bytes]) -> int:
    """SubstringFilter, as `_copy` does it. Returns its new size."""
    name, at = ber.octets(data, at, end)
    at, stop = ber.expect(ber.SEQUENCE, data, at, end)
    ber.expect_end(stop, end)
    grammar.expect_description(name)
    place, size, last = len(parts), 0, -1
    parts.append(b"")  # what stands in front of the pieces
    while at < end:
        kind, start, at = ber.element(data, at, end)
        # At most one is at the beginning, and at most one at the end.
        if kind not in _PIECES or kind < last or kind == last != _ANY:
            raise NotUnderstood(b"The pieces of a substring filter are in an order that can't be")
        if len(parts) >= MAX_TERMS:
            raise NotUnderstood(_TOO_LARGE, codes.ADMIN_LIMIT_EXCEEDED)
        last = kind
        parts.append(ber.head(kind, at - start) + data[start:at])
        size += len(parts[-1])
    if not size:
        raise NotUnderstood(b"A substring filter has no pieces")
    before = ber.encode_octets(name) + ber.head(ber.SEQUENCE, size)
    parts[place] = front = ber.head(_SUBSTRINGS, len(before) + size) + before
    return len(front) + size


def _extensible(tag: int, data: bytes, at: int, end: int) -> bytes:
    """MatchingRuleAssertion: what is left out stays out."""
    parts = []
    if at < end and data[at] == _RULE:
        rule, at = ber.octets(data, at, end, _RULE)
        grammar.expect_rule(rule)
        parts.append(ber.encode(_RULE, rule))
    if at < end and data[at] == _TYPE:
        name, at = ber.octets(data, at, end, _TYPE)
        grammar.expect_description(name)
        parts.append(ber.encode(_TYPE, name))
    if not parts:
        raise NotUnderstood(b"An extensible filter names neither a matching rule nor an attribute")
    value, at = ber.octets(data, at, end, _VALUE)
    parts.append(ber.encode(_VALUE, value))
    if at < end:
        wanted, at = ber.boolean(data, at, end, _DN_ATTRIBUTES)
        ber.expect_end(at, end)
        if wanted:
            parts.append(ber.encode(_DN_ATTRIBUTES, b"\xff"))
    return ber.encode(tag, *parts)


_TERMS = {
    _EQUALITY: _assertion,
    _GREATER: _assertion,
    _LESS: _assertion,
    _PRESENT: _present,
    _APPROXIMATE: _assertion,
    _EXTENSIBLE: _extensible,
}
