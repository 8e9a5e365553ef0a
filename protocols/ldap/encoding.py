"""Writes requests, with lengths as short as can be: what a directory gets is what was judged."""

from collections.abc import Callable, Mapping
from typing import Any

from protocols.ldap import ber
from protocols.ldap import message as ldap
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
    Request,
    Search,
)

_NEW_SUPERIOR, _NAME, _VALUE = 0x80, 0x80, 0x81


def encode(request: Request, before: bytes = b"") -> bytes:
    """The message. `before` are controls, encoded, that stand in front of the client's own."""
    number, operation, controls = request
    parts = ber.encode_unsigned(ber.INTEGER, number) + _ENCODERS[type(operation)](operation)
    if controls or before:
        written = before + b"".join(map(encode_control, controls)) if controls else before
        parts += ber.head(ldap.CONTROLS, len(written)) + written
    return ber.head(ber.SEQUENCE, len(parts)) + parts


def encode_control(control: Control) -> bytes:
    """What is not critical says nothing of it, as that is what holds by default (RFC 4511, section 5.1)."""
    oid, critical, value = control
    contents = ber.encode_octets(oid)
    if critical:
        contents += ber.TRUE
    if value is not None:
        contents += ber.encode_octets(value)
    return ber.head(ber.SEQUENCE, len(contents)) + contents


def _search(search: Search) -> bytes:
    base, scope, dereferencing, size_limit, time_limit, types_only, filter, attributes = search
    names = ber.encode_strings(attributes)
    return ber.encode(
        ldap.SEARCH,
        ber.encode_octets(base),
        bytes((ber.ENUMERATED, 1, scope, ber.ENUMERATED, 1, dereferencing)),
        ber.encode_unsigned(ber.INTEGER, size_limit),
        ber.encode_unsigned(ber.INTEGER, time_limit),
        ber.TRUE if types_only else ber.FALSE,
        filter,
        ber.head(ber.SEQUENCE, len(names)),
        names,
    )


def _modify(modify: Modify) -> bytes:
    changes = ber.encode(ber.SEQUENCE, *map(_change, modify.changes))
    return ber.encode(ldap.MODIFY, ber.encode_octets(modify.entry), changes)


def _change(change: Change) -> bytes:
    return ber.encode(
        ber.SEQUENCE, ber.encode_unsigned(ber.ENUMERATED, change.kind), _attribute(change.attribute)
    )


def _add(add: Add) -> bytes:
    attributes = ber.encode(ber.SEQUENCE, *map(_attribute, add.attributes))
    return ber.encode(ldap.ADD, ber.encode_octets(add.entry), attributes)


def _attribute(attribute: Attribute) -> bytes:
    values = ber.encode(ber.SET, ber.encode_strings(attribute.values))
    return ber.encode(ber.SEQUENCE, ber.encode_octets(attribute.name), values)


def _delete(delete: Delete) -> bytes:
    return ber.encode(ldap.DELETE, delete.entry)


def _modify_dn(modify: ModifyDN) -> bytes:
    return ber.encode(
        ldap.MODIFY_DN,
        ber.encode_octets(modify.entry),
        ber.encode_octets(modify.new_rdn),
        ber.TRUE if modify.delete_old_rdn else ber.FALSE,
        b"" if modify.new_superior is None else ber.encode(_NEW_SUPERIOR, modify.new_superior),
    )


def _compare(compare: Compare) -> bytes:
    assertion = ber.encode_octets(compare.attribute) + ber.encode_octets(compare.value)
    return ber.encode(ldap.COMPARE, ber.encode_octets(compare.entry), ber.encode(ber.SEQUENCE, assertion))


def _abandon(abandon: Abandon) -> bytes:
    return ber.encode_unsigned(ldap.ABANDON, abandon.number)


def _extended(extended: Extended) -> bytes:
    value = b"" if extended.value is None else ber.encode(_VALUE, extended.value)
    return ber.encode(ldap.EXTENDED, ber.encode(_NAME, extended.name), value)


_ENCODERS: Mapping[type, Callable[[Any], bytes]] = {
    Search: _search,
    Modify: _modify,
    Add: _add,
    Delete: _delete,
    ModifyDN: _modify_dn,
    Compare: _compare,
    Abandon: _abandon,
    Extended: _extended,
}
