"""What an admitted user may ask of the directory: the gateway bound there, so the gateway answers for it.

A user who was passed through has bound there himself; his operations are the directory's business alone.
"""

import re
from collections.abc import Iterator

from protocols.dialogue import ProtocolError
from protocols.ldap import ber, codes, extended
from protocols.ldap import message as ldap
from protocols.ldap.message import Message
from protocols.terms import DirectoryTerms

Objection = tuple[int, bytes]

_NAMES = {
    ldap.SEARCH: "search",
    ldap.COMPARE: "compare",
    ldap.MODIFY: "modify",
    ldap.ADD: "add",
    ldap.DELETE: "delete",
    ldap.MODIFY_DN: "modrdn",
}
_EXTENDED = frozenset((codes.WHO_AM_I, codes.CANCEL))
# With these a client could be anybody: the service account may act for all users.
_IDENTITY = frozenset(
    (
        codes.PROXIED_AUTHORIZATION,
        codes.PROXIED_AUTHORIZATION_V1,
        codes.INTERMEDIATE_CLIENT,
        codes.GROUP_AUTHORIZATION,
        codes.SESSION_TRACKING,
    )
)
_MAX_ATTRIBUTES = 10_000  # of one operation


class Permission:
    """Judges operations, by what the configuration says."""

    __slots__ = ("_operations", "_passwords")

    def __init__(self, terms: DirectoryTerms) -> None:
        self._operations = frozenset(_NAMES.values()) if terms.proxied else terms.operations
        self._passwords = terms.password_attributes

    def objection(self, message: Message) -> Objection | None:
        """Why this operation must not reach the directory; None when it may."""
        if message.operation == ldap.ABANDON:
            return None
        if any(oid in _IDENTITY for oid, _ in message.controls()):
            text = b"With an app password, no control may say in whose name an operation runs"
            return codes.UNAVAILABLE_CRITICAL_EXTENSION, text
        if message.operation == ldap.EXTENDED:
            return self._extended(message)
        if _NAMES[message.operation] not in self._operations:
            allowed = ", ".join(sorted(self._operations)).encode() or b"nothing"
            return codes.UNWILLING_TO_PERFORM, b"With an app password, only these are allowed: " + allowed
        return self._writing(message)

    def _writing(self, message: Message) -> Objection | None:
        if message.operation in (ldap.MODIFY, ldap.ADD):
            for name in _written(message):
                if name in self._passwords:
                    return _PASSWORD
                if _NUMBER.match(name):
                    return _BY_NUMBER
        if message.operation in (ldap.MODIFY_DN, ldap.ADD):
            # A directory adds to the entry what its name holds (RFC 4511, section 4.9).
            name = _new_name(message)
            if any(password in name for password in self._passwords):
                return _PASSWORD
            if _NUMBER_IN_NAME.search(name):
                return _BY_NUMBER
        return None

    def _extended(self, message: Message) -> Objection | None:
        """Password Modify (RFC 3062) above all: who has an app password has not shown the second factor."""
        if extended.name(message) in _EXTENDED:
            return None
        return codes.UNWILLING_TO_PERFORM, b"This extended operation can't be used with an app password"


_PASSWORD = codes.UNWILLING_TO_PERFORM, b"With an app password, no password can be written"
# An OID may stand for any attribute (RFC 4512, section 2.5), and the configuration knows names.
_BY_NUMBER = codes.UNWILLING_TO_PERFORM, b"With an app password, attributes are written by name, not by OID"
_NUMBER = re.compile(rb"(?:oid\.)?\d")
_NUMBER_IN_NAME = re.compile(rb"(?:^|[+,;])\s*(?:oid\.)?\d[\d.]*\s*=")


def _written(message: Message) -> Iterator[bytes]:
    """The attributes that a Modify or an Add writes, in lower case and without options (RFC 4512, 2.5)."""
    data, end = message.data, message.stop
    _, at = ber.expect(ber.OCTET_STRING, data, message.start, end)
    at, end = ber.expect(ber.SEQUENCE, data, at, end)
    for _ in range(_MAX_ATTRIBUTES):
        if at == end:
            return
        item, at = ber.expect(ber.SEQUENCE, data, at, end)
        if message.operation == ldap.MODIFY:
            _, item = ber.expect(ber.ENUMERATED, data, item, at)
            item, _ = ber.expect(ber.SEQUENCE, data, item, at)
        start, stop = ber.expect(ber.OCTET_STRING, data, item, at)
        yield data[start:stop].partition(b";")[0].strip().lower()
    raise ProtocolError("too many attributes in one operation")


def _new_name(message: Message) -> bytes:
    """The name that an entry gets by an Add (all of it) or a Modify DN (its RDN), in lower case."""
    data, end = message.data, message.stop
    start, stop = ber.expect(ber.OCTET_STRING, data, message.start, end)
    if message.operation == ldap.MODIFY_DN:
        start, stop = ber.expect(ber.OCTET_STRING, data, stop, end)
    return data[start:stop].lower()
