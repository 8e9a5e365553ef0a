"""The shape of a search's filter (RFC 4511, section 4.5.1.7): no deeper and no longer than can be meant.

A directory may take a filter apart by recursion, and a hundred kilobytes can be fifty thousand deep.
"""

from protocols.ldap import ber
from protocols.ldap.message import Message

_AND, _OR, _NOT = 0xA0, 0xA1, 0xA2
_SETS = (_AND, _OR, _NOT)
_BEFORE = (ber.OCTET_STRING, ber.ENUMERATED, ber.ENUMERATED, ber.INTEGER, ber.INTEGER, ber.BOOLEAN)
MAX_DEPTH = 50
MAX_TERMS = 10_000


def is_within_bounds(search: Message) -> bool:
    """False for a filter that is too deep or has too many terms. Raises `ProtocolError`."""
    data, at = search.data, filter_at(search)
    _, _, end = ber.element(data, at, search.stop)
    ends = [end]
    for _ in range(MAX_TERMS + 1):  # once more to see that it's the end
        while ends and at == ends[-1]:
            ends.pop()
        if not ends:
            return True
        tag, start, stop = ber.element(data, at, ends[-1])
        if tag in _SETS:
            ends.append(stop)
            at = start
        else:
            at = stop
        if len(ends) > MAX_DEPTH:
            return False
    return False


def filter_at(search: Message) -> int:
    """Where the filter begins."""
    at = search.start
    for tag in _BEFORE:
        _, at = ber.expect(tag, search.data, at, search.stop)
    return at
