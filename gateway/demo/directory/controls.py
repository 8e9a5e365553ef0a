"""The controls of a request (RFC 4511, section 4.1.11), of which one is known: proxied authorization."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.demo.directory.entries import Entry
from gateway.demo.directory.results import AUTHORIZATION_DENIED, Refusal
from gateway.demo.directory.tree import Tree
from protocols.dialogue import ProtocolError
from protocols.ldap import ber, codes
from protocols.ldap import message as ldap
from protocols.ldap.message import Message
from store.distinguished_name import parse

_UNKNOWN = Refusal(
    codes.UNAVAILABLE_CRITICAL_EXTENSION,
    b"A critical control is not known here; leave it out or not critical",
)
_MALFORMED = Refusal(codes.PROTOCOL_ERROR, b"Proxied authorization has to be critical, and there once")
_DENIED = Refusal(
    AUTHORIZATION_DENIED, b"Only the gateway's own account may act for others, and for users alone"
)


@dataclass(frozen=True, slots=True)
class Control:
    """As it came."""

    oid: bytes
    critical: bool
    value: bytes


def asker(message: Message, bound: Entry | None, tree: Tree) -> Entry | Refusal | None:
    """In whose name a request is made; None for nobody. Who has bound may ask for somebody else's."""
    controls = list(_controls(message))
    proxied = [one for one in controls if one.oid == codes.PROXIED_AUTHORIZATION]
    if any(one.critical and one not in proxied for one in controls):
        return _UNKNOWN
    if not proxied:
        return bound
    # RFC 4370, section 3: without criticality some server could ignore it.
    if len(proxied) > 1 or not proxied[0].critical:
        return _MALFORMED
    return _named(proxied[0].value, tree) if tree.is_service(bound) else _DENIED


def has_critical(message: Message) -> bool:
    """Whether any control is: a bind knows none, not even that one (RFC 4370, section 3)."""
    return any(one.critical for one in _controls(message))


def _named(identity: bytes, tree: Tree) -> Entry | Refusal | None:
    """An authorization identity (RFC 4513, section 5.2.1.8); the empty one is nobody's."""
    kind, _, name = identity.partition(b":")
    if not identity or identity == b"dn:":
        return None
    found = None
    if kind == b"dn":
        found = tree.person(parse(name))
    elif kind == b"u":
        found = tree.person_called(name)
    return found or _DENIED


def _controls(message: Message) -> Iterator[Control]:
    data, end = message.data, len(message.data)
    if message.stop == end:
        return
    at, end = ber.expect(ldap.CONTROLS, data, message.stop, end)
    while at < end:
        start, at = ber.expect(ber.SEQUENCE, data, at, end)
        yield _control(data, start, at)


def _control(data: bytes, start: int, end: int) -> Control:
    start, at = ber.expect(ber.OCTET_STRING, data, start, end)
    oid, critical, value = data[start:at], False, b""
    if at < end and data[at] == ber.BOOLEAN:
        start, at = ber.expect(ber.BOOLEAN, data, at, end)
        critical = any(data[start:at])
    if at < end:
        start, at = ber.expect(ber.OCTET_STRING, data, at, end)
        value = data[start:at]
    if at != end:
        raise ProtocolError("a control has more in it than it should")
    return Control(oid, critical, value)
