"""The controls that an admitted user may send: what each may be sent with, and what its value may be.

The gateway is bound at the directory with an account that may act for all users. So what is not on this list
stays here: it's refused where it is critical, and left out where it is not (RFC 4511, section 4.1.11). On the
list is what selects, orders or guards what the user's own rights allow, and says nothing of who the user is.
Each value is read whole and written anew.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from protocols.dialogue import ProtocolError
from protocols.ldap import ber, codes, filters, grammar
from protocols.ldap.objections import NotUnderstood, Objection
from protocols.ldap.operations import (
    Add,
    Compare,
    Control,
    Delete,
    Extended,
    Modify,
    ModifyDN,
    Request,
    Search,
)

Value = bytes | None

_MAX_SORT_KEYS = 16
_MAX_SELECTORS = 1000
_MAX_SEARCH_OPTIONS = 3  # domain scope, phantom root
_SYNC_MODES = (1, 3)  # refreshOnly, refreshAndPersist
_RULE, _REVERSE, _BY_OFFSET, _BY_VALUE = 0x80, 0x81, 0xA0, 0x81
# With these a client could be anybody: they are refused even where they are not critical.
_IDENTITY = frozenset(
    (
        codes.PROXIED_AUTHORIZATION,
        codes.PROXIED_AUTHORIZATION_V1,
        codes.INTERMEDIATE_CLIENT,
        codes.GROUP_AUTHORIZATION,
        codes.SESSION_TRACKING,
    )
)


class Rule(NamedTuple):
    """With which operations a control may be sent. `rewritten` reads its value, and writes it anew."""

    operations: tuple[type, ...]
    rewritten: Callable[[Value], Value]


def admitted(request: Request) -> Request | Objection:
    """The request with those of its controls that an admitted user may send."""
    if any(control.oid in _IDENTITY for control in request.controls):
        text = b"With an app password, no control may say in whose name an operation runs"
        return Objection(codes.UNAVAILABLE_CRITICAL_EXTENSION, text)
    kept = []
    for control in request.controls:
        rule = ALLOWED.get(control.oid)
        if rule is None or not isinstance(request.operation, rule.operations):
            if control.critical:
                text = b"With an app password, this control can't be used here: " + control.oid
                return Objection(codes.UNAVAILABLE_CRITICAL_EXTENSION, text)
            continue
        try:
            kept.append(Control(control.oid, control.critical, rule.rewritten(control.value)))
        except (ProtocolError, NotUnderstood):
            text = b"The value of this control can't be read: " + control.oid
            return Objection(codes.PROTOCOL_ERROR, text)
    return Request(request.number, request.operation, tuple(kept))


def _none(value: Value) -> Value:
    if value:
        raise ProtocolError("a control has a value that should have none")
    return None


def _sequence(value: Value) -> tuple[bytes, int, int]:
    """A value that is one SEQUENCE and nothing else: the octets, and where its contents start and end."""
    data = value or b""
    start, stop = ber.expect(ber.SEQUENCE, data, 0, len(data))
    ber.expect_end(stop, len(data))
    return data, start, stop


def _paged_results(value: Value) -> Value:
    """RFC 2696, section 2: how many, and the cookie of the page before."""
    data, at, end = _sequence(value)
    size, at = ber.number(ber.INTEGER, data, at, end)
    cookie, at = ber.octets(data, at, end)
    ber.expect_end(at, end)
    contents = ber.encode_unsigned(ber.INTEGER, size) + ber.encode_octets(cookie)
    return ber.head(ber.SEQUENCE, len(contents)) + contents


def _sort_keys(value: Value) -> Value:
    """RFC 2891, section 1.1."""
    data, at, end = _sequence(value)
    keys: list[bytes] = []
    while at < end and len(keys) < _MAX_SORT_KEYS:
        start, at = ber.expect(ber.SEQUENCE, data, at, end)
        keys.append(_sort_key(data, start, at))
    ber.expect_end(at, end)
    return ber.encode(ber.SEQUENCE, *keys)


def _sort_key(data: bytes, at: int, end: int) -> bytes:
    name, at = ber.octets(data, at, end)
    grammar.expect_description(name)
    parts = [ber.encode_octets(name)]
    if at < end and data[at] == _RULE:
        rule, at = ber.octets(data, at, end, _RULE)
        grammar.expect_rule(rule)
        parts.append(ber.encode(_RULE, rule))
    if at < end:
        reverse, at = ber.boolean(data, at, end, _REVERSE)
        ber.expect_end(at, end)
        if reverse:
            parts.append(ber.encode(_REVERSE, b"\xff"))
    return ber.encode(ber.SEQUENCE, *parts)


def _list_view(value: Value) -> Value:
    """draft-ietf-ldapext-ldapv3-vlv, section 6.1: the window of a sorted list."""
    data, at, end = _sequence(value)
    before, at = ber.number(ber.INTEGER, data, at, end)
    after, at = ber.number(ber.INTEGER, data, at, end)
    parts = [ber.encode_unsigned(ber.INTEGER, before), ber.encode_unsigned(ber.INTEGER, after)]
    tag, start, at = ber.element(data, at, end)
    if tag == _BY_OFFSET:
        offset, start = ber.number(ber.INTEGER, data, start, at)
        count, start = ber.number(ber.INTEGER, data, start, at)
        ber.expect_end(start, at)
        place = ber.encode_unsigned(ber.INTEGER, offset) + ber.encode_unsigned(ber.INTEGER, count)
        parts.append(ber.encode(_BY_OFFSET, place))
    elif tag == _BY_VALUE:
        parts.append(ber.encode(_BY_VALUE, data[start:at]))
    else:
        raise ProtocolError("a list view has no target")
    if at < end:
        context, at = ber.octets(data, at, end)
        ber.expect_end(at, end)
        parts.append(ber.encode_octets(context))
    return ber.encode(ber.SEQUENCE, *parts)


def _filter(value: Value) -> Value:
    """RFC 4528, section 3: what has to be true of the entry."""
    data = value or b""
    filter, at = filters.rewritten(data, 0, len(data))
    ber.expect_end(at, len(data))
    return filter


def _values_filter(value: Value) -> Value:
    """RFC 3876, section 2: which values are shown."""
    data, at, end = _sequence(value)
    return ber.encode(ber.SEQUENCE, *filters.rewritten_terms(data, at, end))


def _truth(value: Value) -> Value:
    """RFC 3672, section 3: subentries, or all but them."""
    data = value or b""
    wanted, at = ber.boolean(data, 0, len(data))
    ber.expect_end(at, len(data))
    return ber.TRUE if wanted else ber.FALSE


def _sync(value: Value) -> Value:
    """RFC 4533, section 2.2."""
    data, at, end = _sequence(value)
    mode, at = ber.number(ber.ENUMERATED, data, at, end)
    if mode not in _SYNC_MODES:
        raise ProtocolError("a sync has a mode that there isn't")
    parts = [ber.encode_unsigned(ber.ENUMERATED, mode)]
    if at < end and data[at] == ber.OCTET_STRING:
        cookie, at = ber.octets(data, at, end)
        parts.append(ber.encode_octets(cookie))
    if at < end:
        hint, at = ber.boolean(data, at, end)
        ber.expect_end(at, end)
        if hint:
            parts.append(ber.TRUE)
    return ber.encode(ber.SEQUENCE, *parts)


def _selection(value: Value) -> Value:
    """RFC 4527, section 3: which attributes of the entry are shown, before or after."""
    data, at, end = _sequence(value)
    names = ber.strings(data, at, end, _MAX_SELECTORS)
    if len(names) > _MAX_SELECTORS:
        raise ProtocolError("too many attributes are asked for")
    grammar.expect_selectors(names)
    return ber.encode(ber.SEQUENCE, ber.encode_strings(names))


def _flags(most: int) -> Callable[[Value], Value]:
    """A number in a SEQUENCE, as Active Directory has it."""

    def rewritten(value: Value) -> Value:
        data, at, end = _sequence(value)
        flags, at = ber.number(ber.INTEGER, data, at, end)
        ber.expect_end(at, end)
        if flags > most:
            raise ProtocolError("a control has flags that there aren't")
        return ber.encode(ber.SEQUENCE, ber.encode_unsigned(ber.INTEGER, flags))

    return rewritten


def _extended_dn(value: Value) -> Value:
    """MS-ADTS, section 3.1.1.3.4.1.5: without a value the GUID is hexadecimal."""
    return _flags(1)(value) if value else None


_WRITES = (Add, Delete, Modify, ModifyDN)
_ENTRIES = (Search, Compare, *_WRITES)
ALLOWED: Mapping[bytes, Rule] = {
    b"1.2.840.113556.1.4.319": Rule((Search,), _paged_results),
    b"1.2.840.113556.1.4.473": Rule((Search,), _sort_keys),
    b"2.16.840.1.113730.3.4.9": Rule((Search,), _list_view),
    b"1.3.6.1.1.12": Rule(_ENTRIES, _filter),  # assertion
    b"1.2.826.0.1.3344810.2.3": Rule((Search,), _values_filter),  # matched values
    codes.MANAGE_DSA_IT: Rule(_ENTRIES, _none),
    b"1.3.6.1.4.1.4203.1.10.1": Rule((Search,), _truth),  # subentries
    b"1.3.6.1.4.1.4203.1.9.1.1": Rule((Search,), _sync),
    b"1.3.6.1.1.22": Rule((Search, Compare), _none),  # don't use copy, RFC 6171
    b"1.3.6.1.1.13.1": Rule((Delete, Modify, ModifyDN), _selection),  # pre-read
    b"1.3.6.1.1.13.2": Rule((Add, Modify, ModifyDN), _selection),  # post-read
    b"1.3.6.1.4.1.42.2.27.8.5.1": Rule((*_ENTRIES, Extended), _none),  # password policy
    # Active Directory's
    b"1.2.840.113556.1.4.1339": Rule((Search,), _none),  # domain scope
    b"1.2.840.113556.1.4.1340": Rule((Search,), _flags(_MAX_SEARCH_OPTIONS)),  # search options
    b"1.2.840.113556.1.4.529": Rule((Search,), _extended_dn),
    b"1.2.840.113556.1.4.1948": Rule((Search,), _none),  # ranges of values without errors
    b"1.2.840.113556.1.4.1413": Rule((Modify,), _none),  # what is so already is no error
}
