"""Takes a client's operation apart, all of it: each SEQUENCE and SET ends where its last allowed field ends.

A directory that is less strict might go on to read where the gateway has stopped to look. So what this
returns is all that there is, and nothing of the client's own octets reaches a directory but by these values.
"""

from collections.abc import Callable, Mapping

from protocols.dialogue import ProtocolError
from protocols.ldap import ber, codes, filters, grammar
from protocols.ldap import message as ldap
from protocols.ldap.message import Message
from protocols.ldap.objections import NotUnderstood
from protocols.ldap.operations import (
    Abandon,
    Add,
    Attribute,
    Change,
    Compare,
    Control,
    Delete,
    Extended,
    Modify,
    ModifyDN,
    Operation,
    Search,
)

MAX_CONTROLS = 16  # of one message
MAX_REQUESTED = 10_000  # attributes that one search asks for
_MAX_ATTRIBUTES = 10_000  # of one operation that writes
_MAX_VALUES = 100_000  # that one operation writes
_MAX_SCOPE, _MAX_DEREFERENCING = 3, 3  # subordinates (draft-sermersheim-ldap-subordinate-scope); always
_MAX_CHANGE = 3  # increment (RFC 4525)
_NEW_SUPERIOR, _NAME, _VALUE = 0x80, 0x80, 0x81


def operation_of(message: Message) -> Operation:
    """What is asked for. Raises `ProtocolError` and `NotUnderstood`."""
    return _DECODERS[message.operation](message.data, message.start, message.stop)


def controls_of(message: Message) -> tuple[Control, ...]:
    """The controls (RFC 4511, section 4.1.11), at most sixteen, each once. Raises as `operation_of` does."""
    data, end = message.data, len(message.data)
    if message.stop == end:
        return ()
    at, end = ber.expect(ldap.CONTROLS, data, message.stop, end)
    found: dict[bytes, Control] = {}
    while at < end:
        if len(found) == MAX_CONTROLS:
            text = b"A request may have %d controls" % MAX_CONTROLS
            raise NotUnderstood(text, codes.ADMIN_LIMIT_EXCEEDED)
        start, at = ber.expect(ber.SEQUENCE, data, at, end)
        control = _control(data, start, at)
        if control.oid in found:
            raise NotUnderstood(b"A control is there twice")
        found[control.oid] = control
    return tuple(found.values())


def _control(data: bytes, at: int, end: int) -> Control:
    oid, at = ber.octets(data, at, end)
    grammar.expect_oid(oid)
    critical, value = False, None
    if at < end and data[at] == ber.BOOLEAN:
        critical, at = ber.boolean(data, at, end)
    if at < end:
        value, at = ber.octets(data, at, end)
        ber.expect_end(at, end)
    return Control(oid, critical, value)


def _search(data: bytes, at: int, end: int) -> Search:
    base, at = ber.octets(data, at, end)
    scope, at = ber.number(ber.ENUMERATED, data, at, end)
    dereferencing, at = ber.number(ber.ENUMERATED, data, at, end)
    size_limit, at = ber.number(ber.INTEGER, data, at, end)
    time_limit, at = ber.number(ber.INTEGER, data, at, end)
    types_only, at = ber.boolean(data, at, end)
    if scope > _MAX_SCOPE or dereferencing > _MAX_DEREFERENCING:
        raise NotUnderstood(b"A search has a scope that LDAP doesn't know")
    filter, at = filters.rewritten(data, at, end)
    at, stop = ber.expect(ber.SEQUENCE, data, at, end)
    ber.expect_end(stop, end)
    names = ber.strings(data, at, end, MAX_REQUESTED)
    if len(names) > MAX_REQUESTED:
        text = b"A search may ask for %d attributes" % MAX_REQUESTED
        raise NotUnderstood(text, codes.ADMIN_LIMIT_EXCEEDED)
    grammar.expect_selectors(names)
    return Search(base, scope, dereferencing, size_limit, time_limit, types_only, filter, tuple(names))


def _modify(data: bytes, at: int, end: int) -> Modify:
    entry, at = ber.octets(data, at, end)
    at, stop = ber.expect(ber.SEQUENCE, data, at, end)
    ber.expect_end(stop, end)
    changes: list[Change] = []
    room = _MAX_VALUES
    while at < end:
        if len(changes) == _MAX_ATTRIBUTES:
            raise ProtocolError("too many attributes in one operation")
        start, at = ber.expect(ber.SEQUENCE, data, at, end)
        kind, start = ber.number(ber.ENUMERATED, data, start, at)
        if kind > _MAX_CHANGE:
            raise NotUnderstood(b"A change is of a kind that LDAP doesn't know")
        attribute, start = _attribute(data, start, at, room)
        ber.expect_end(start, at)
        room -= len(attribute.values)
        changes.append(Change(kind, attribute))
    return Modify(entry, tuple(changes))


def _add(data: bytes, at: int, end: int) -> Add:
    entry, at = ber.octets(data, at, end)
    at, stop = ber.expect(ber.SEQUENCE, data, at, end)
    ber.expect_end(stop, end)
    attributes: list[Attribute] = []
    room = _MAX_VALUES
    while at < end:
        if len(attributes) == _MAX_ATTRIBUTES:
            raise ProtocolError("too many attributes in one operation")
        attribute, at = _attribute(data, at, end, room)
        room -= len(attribute.values)
        attributes.append(attribute)
    return Add(entry, tuple(attributes))


def _attribute(data: bytes, at: int, end: int, room: int) -> tuple[Attribute, int]:
    """The attribute at `at`, of at most `room` values, and where it ends."""
    at, end = ber.expect(ber.SEQUENCE, data, at, end)
    name, at = ber.octets(data, at, end)
    at, stop = ber.expect(ber.SET, data, at, end)
    ber.expect_end(stop, end)
    values = ber.strings(data, at, end, room)
    if len(values) > room:
        text = b"An operation may write %d values" % _MAX_VALUES
        raise NotUnderstood(text, codes.ADMIN_LIMIT_EXCEEDED)
    return Attribute(name, tuple(values)), end


def _delete(data: bytes, at: int, end: int) -> Delete:
    return Delete(data[at:end])


def _modify_dn(data: bytes, at: int, end: int) -> ModifyDN:
    entry, at = ber.octets(data, at, end)
    new_rdn, at = ber.octets(data, at, end)
    delete_old_rdn, at = ber.boolean(data, at, end)
    new_superior = None
    if at < end:
        new_superior, at = ber.octets(data, at, end, _NEW_SUPERIOR)
        ber.expect_end(at, end)
    return ModifyDN(entry, new_rdn, delete_old_rdn, new_superior)


def _compare(data: bytes, at: int, end: int) -> Compare:
    entry, at = ber.octets(data, at, end)
    at, stop = ber.expect(ber.SEQUENCE, data, at, end)
    ber.expect_end(stop, end)
    attribute, at = ber.octets(data, at, end)
    value, at = ber.octets(data, at, end)
    ber.expect_end(at, end)
    grammar.expect_description(attribute)
    return Compare(entry, attribute, value)


def _abandon(data: bytes, at: int, end: int) -> Abandon:
    return Abandon(ber.unsigned(data, at, end))


def _extended(data: bytes, at: int, end: int) -> Extended:
    name, at = ber.octets(data, at, end, _NAME)
    grammar.expect_oid(name)
    value = None
    if at < end:
        value, at = ber.octets(data, at, end, _VALUE)
        ber.expect_end(at, end)
    return Extended(name, value)


_DECODERS: Mapping[int, Callable[[bytes, int, int], Operation]] = {
    ldap.SEARCH: _search,
    ldap.MODIFY: _modify,
    ldap.ADD: _add,
    ldap.DELETE: _delete,
    ldap.MODIFY_DN: _modify_dn,
    ldap.COMPARE: _compare,
    ldap.ABANDON: _abandon,
    ldap.EXTENDED: _extended,
}
