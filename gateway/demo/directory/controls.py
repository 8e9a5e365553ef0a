"""The controls of a request (RFC 4511, section 4.1.11), of which one is known: proxied authorization."""

from collections.abc import Sequence

from gateway.demo.directory.entries import Entry
from gateway.demo.directory.results import AUTHORIZATION_DENIED, Refusal
from gateway.demo.directory.tree import Tree
from protocols.ldap import codes
from protocols.ldap.operations import Control
from store.distinguished_name import parse

_UNKNOWN = Refusal(
    codes.UNAVAILABLE_CRITICAL_EXTENSION,
    b"A critical control is not known here; leave it out or not critical",
)
_MALFORMED = Refusal(codes.PROTOCOL_ERROR, b"Proxied authorization has to be critical")
_DENIED = Refusal(
    AUTHORIZATION_DENIED, b"Only the gateway's own account may act for others, and for users alone"
)


def asker(controls: Sequence[Control], bound: Entry | None, tree: Tree) -> Entry | Refusal | None:
    """In whose name a request is made; None for nobody. Who has bound may ask for somebody else's."""
    proxied = [one for one in controls if one.oid == codes.PROXIED_AUTHORIZATION]
    if any(one.critical and one not in proxied for one in controls):
        return _UNKNOWN
    if not proxied:
        return bound
    # RFC 4370, section 3: without criticality some server could ignore it.
    if not proxied[0].critical:
        return _MALFORMED
    return _named(proxied[0].value or b"", tree) if tree.is_service(bound) else _DENIED


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
