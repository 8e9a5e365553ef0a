"""What an admitted user may ask of the directory: the gateway bound there, so the gateway answers for it.

A user who was passed through has bound there on a connection of his own, and a stranger is a stranger there.
What they may do is the directory's business alone: their operations are read and written anew as everybody's
are, but not judged, so that they can do what they can do at the directory itself.
"""

import re
from collections.abc import Iterator

from protocols.ldap import codes, controls, extended, grammar
from protocols.ldap.objections import Objection
from protocols.ldap.operations import (
    Abandon,
    Add,
    Compare,
    Delete,
    Extended,
    Modify,
    ModifyDN,
    Request,
    Search,
)
from protocols.terms import DirectoryTerms

_NAMES: dict[type, str] = {
    Search: "search",
    Compare: "compare",
    Modify: "modify",
    Add: "add",
    Delete: "delete",
    ModifyDN: "modrdn",
}
_PASSWORD = Objection(codes.UNWILLING_TO_PERFORM, b"With an app password, no password can be written")
# An OID may stand for any attribute (RFC 4512, section 2.5), and the configuration knows names.
_BY_NUMBER = Objection(
    codes.UNWILLING_TO_PERFORM, b"With an app password, attributes are written by name, not by OID"
)
_NUMBER_IN_NAME = re.compile(rb"(?:^|[+,;])\s*(?:oid\.)?\d[\d.]*\s*=")
_CONTROL_CHARACTERS = re.compile(rb"[\0-\x1f\x7f]")


class Permission:
    """Judges operations, by what the configuration says."""

    __slots__ = ("_allowed", "_operations", "_passwords")

    def __init__(self, terms: DirectoryTerms) -> None:
        self._operations = frozenset(_NAMES.values()) if terms.proxied else terms.operations
        self._allowed = frozenset(kind for kind, name in _NAMES.items() if name in self._operations)
        self._passwords = terms.password_attributes

    def judged(self, request: Request) -> Request | Objection:
        """What may reach the directory of this request, or why nothing may."""
        operation = request.operation
        if isinstance(operation, Abandon):
            return request
        if request.controls:
            kept = controls.admitted(request)
            if isinstance(kept, Objection):
                return kept
            request = kept
        if isinstance(operation, Extended):
            extension = extended.admitted(operation)
            return extension if isinstance(extension, Objection) else request._replace(operation=extension)
        if type(operation) not in self._allowed:
            allowed = ", ".join(sorted(self._operations)).encode() or b"nothing"
            text = b"With an app password, only these are allowed: " + allowed
            return Objection(codes.UNWILLING_TO_PERFORM, text)
        if isinstance(operation, Modify | Add | ModifyDN):
            return self._writing_objection(operation) or request
        return request

    def _writing_objection(self, operation: Modify | Add | ModifyDN) -> Objection | None:
        for name in _written(operation):
            if name.partition(b";")[0].strip(b" \t\r\n\0").lower() in self._passwords:
                return _PASSWORD
            if not grammar.is_by_name(name):
                return _BY_NUMBER
        name = _new_name(operation)
        if any(password in name for password in self._passwords):
            return _PASSWORD
        if _NUMBER_IN_NAME.search(name):
            return _BY_NUMBER
        if _CONTROL_CHARACTERS.search(name):
            text = b"With an app password, a name has no control characters"
            return Objection(codes.INVALID_DN_SYNTAX, text)
        return None


def _written(operation: Modify | Add | ModifyDN) -> Iterator[bytes]:
    """The attributes that a Modify or an Add writes, as the client has named them."""
    if isinstance(operation, Modify):
        for change in operation.changes:
            yield change.attribute.name
    elif isinstance(operation, Add):
        for attribute in operation.attributes:
            yield attribute.name


def _new_name(operation: Modify | Add | ModifyDN) -> bytes:
    """The name that an entry gets by an Add (all of it) or a Modify DN (its RDN), in lower case.

    A directory adds to the entry what its name holds (RFC 4511, sections 4.7 and 4.9).
    """
    if isinstance(operation, ModifyDN):
        return operation.new_rdn.lower()
    return operation.entry.lower() if isinstance(operation, Add) else b""
