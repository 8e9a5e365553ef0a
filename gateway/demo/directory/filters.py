"""Filters (RFC 4511, section 4.5.1.7): read once for a search, then held against each entry.

The logic has three values: None is Undefined, and an entry is found only where the whole filter is True.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from gateway.demo.directory.attributes import prepared, prepared_whole, told_name
from gateway.demo.directory.entries import Entry
from protocols.dialogue import ProtocolError
from protocols.ldap import ber

_AND, _OR, _NOT, _EQUALITY, _SUBSTRINGS, _PRESENT = 0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0x87
_INITIAL, _ANY, _FINAL = 0x80, 0x81, 0x82


@dataclass(frozen=True, slots=True)
class And:
    """True where all are; so it is where there are none (RFC 4526)."""

    terms: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where one is; none at all is False (RFC 4526)."""

    terms: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Undefined stays what it is."""

    term: "Filter"


@dataclass(frozen=True, slots=True)
class Present:
    """The entry has the attribute."""

    attribute: str


@dataclass(frozen=True, slots=True)
class Equal:
    """One of the values is this one."""

    attribute: str
    value: str


@dataclass(frozen=True, slots=True)
class Substrings:
    """One of the values has these pieces in this order. `initial` and `final`, if not "", are at its ends."""

    attribute: str
    initial: str
    between: tuple[str, ...]
    final: str


@dataclass(frozen=True, slots=True)
class Undefined:
    """An attribute or a kind of comparison that isn't known here, or a value that is no text."""


Filter: TypeAlias = And | Or | Not | Present | Equal | Substrings | Undefined


def read_filter(data: bytes, at: int, end: int) -> tuple[Filter, int]:
    """The filter at `at`, and where it ends. Raises `ProtocolError`. The caller has seen to its depth."""
    tag, start, stop = ber.element(data, at, end)
    if tag == _AND:
        return And(tuple(_terms(data, start, stop))), stop
    if tag == _OR:
        return Or(tuple(_terms(data, start, stop))), stop
    if tag == _NOT:
        term, ended = read_filter(data, start, stop)
        if ended != stop:
            raise ProtocolError("a filter negates more than one thing")
        return Not(term), stop
    return _item(tag, data, start, stop), stop


def matches(filter: Filter, entry: Entry) -> bool | None:
    """Whether the entry is one that the filter describes; None for Undefined."""
    match filter:
        case And(terms):
            return _all(matches(one, entry) for one in terms)
        case Or(terms):
            return _negated(_all(_negated(matches(one, entry)) for one in terms))
        case Not(term):
            return _negated(matches(term, entry))
        case Present(attribute):
            return attribute in entry.attributes
        case Equal(attribute, value):
            return entry.holds(attribute, value)
        case Substrings(attribute):
            values = (prepared_whole(attribute, one) for one in entry.attributes.get(attribute, ()))
            return any(value is not None and _has_pieces(filter, f" {value} ") for value in values)
        case Undefined():
            return None


def read_assertion(data: bytes, start: int, stop: int) -> tuple[bytes, bytes]:
    """The attribute and the value of an AttributeValueAssertion (RFC 4511, section 4.1.6)."""
    first, at = ber.expect(ber.OCTET_STRING, data, start, stop)
    second, end = ber.expect(ber.OCTET_STRING, data, at, stop)
    if end != stop:
        raise ProtocolError("an assertion has more in it than it should")
    return data[first:at], data[second:end]


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    found = set(verdicts)
    return False if False in found else None if None in found else True


def _negated(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


def _terms(data: bytes, at: int, end: int) -> Iterator[Filter]:
    while at < end:
        term, at = read_filter(data, at, end)
        yield term


def _item(tag: int, data: bytes, start: int, stop: int) -> Filter:
    if tag == _PRESENT:
        name = told_name(data[start:stop])
        return Present(name) if name is not None else Undefined()
    if tag == _EQUALITY:
        described, octets = read_assertion(data, start, stop)
        name = told_name(described)
        value = prepared_whole(name, octets) if name is not None else None
        return Equal(name, value) if name is not None and value is not None else Undefined()
    return _substrings(data, start, stop) if tag == _SUBSTRINGS else Undefined()


def _substrings(data: bytes, start: int, stop: int) -> Filter:
    first, at = ber.expect(ber.OCTET_STRING, data, start, stop)
    name = told_name(data[first:at])
    start, end = ber.expect(ber.SEQUENCE, data, at, stop)
    if start == end or end != stop:
        raise ProtocolError("a filter for substrings has no pieces, or more behind them")
    pieces = [(tag, prepared(name or "", octets)) for tag, octets in _pieces(data, start, end)]
    texts = [(tag, text) for tag, text in pieces if text is not None]
    if name is None or len(texts) != len(pieces):
        return Undefined()
    # RFC 4518, section 2.6.1: every value has one space in front of it and one behind.
    initial = "".join(" " + text.lstrip() for tag, text in texts if tag == _INITIAL)
    final = "".join(text.rstrip() + " " for tag, text in texts if tag == _FINAL)
    return Substrings(name, initial, tuple(text for tag, text in texts if tag == _ANY), final)


def _pieces(data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Of these, an initial one can only be the first, and a final one the last."""
    first = at
    while at < end:
        tag, start, stop = ber.element(data, at, end)
        misplaced = (tag == _INITIAL and at != first) or (tag == _FINAL and stop != end)
        if misplaced or tag not in (_INITIAL, _ANY, _FINAL):
            raise ProtocolError("the pieces of a filter for substrings are out of order")
        yield tag, data[start:stop]
        at = stop


def _has_pieces(filter: Substrings, value: str) -> bool:
    if not value.startswith(filter.initial):
        return False
    at = len(filter.initial)
    for piece in filter.between:
        at = value.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return value.endswith(filter.final) and at + len(filter.final) <= len(value)
