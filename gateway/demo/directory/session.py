"""One client of the demo's directory: its requests, answered one after the other."""

from gateway.demo.directory.controls import asker
from gateway.demo.directory.entries import BASE, Entry
from gateway.demo.directory.results import Refusal
from gateway.demo.directory.search import compare, search
from gateway.demo.directory.tree import Tree
from protocols.dialogue import ProtocolError
from protocols.ldap import codes, extended, root_dse
from protocols.ldap import message as ldap
from protocols.ldap.decoding import controls_of, operation_of
from protocols.ldap.message import Message
from protocols.ldap.objections import NotUnderstood
from protocols.ldap.operations import Compare, Extended, Search
from store.distinguished_name import parse

_ROOT_DSE = (
    (b"objectClass", (b"top",)),
    (b"namingContexts", (BASE.encode(),)),
    (b"supportedLDAPVersion", (b"3",)),
    (b"supportedExtension", (codes.WHO_AM_I,)),
    (b"supportedControl", (codes.PROXIED_AUTHORIZATION,)),
    (b"vendorName", (b"Wicketgate's demo",)),
)
_DN = b"uid=dora,ou=people," + BASE.encode()
_BIND_FIRST = Refusal(codes.INSUFFICIENT_ACCESS_RIGHTS, b"Bind first, with name and password")
_READ_ONLY = Refusal(codes.UNWILLING_TO_PERFORM, b"The demo's directory is read-only")
_WRONG = Refusal(codes.INVALID_CREDENTIALS, b"Wrong name or password")
_NOT_A_DN = Refusal(codes.INVALID_DN_SYNTAX, b"Bind with a DN, as in " + _DN)
_VERSION = Refusal(codes.PROTOCOL_ERROR, b"LDAP version 3 is required; choose it in the client's settings")
_METHOD = Refusal(codes.AUTH_METHOD_NOT_SUPPORTED, b"Only simple binds are offered, with name and password")
_CRITICAL = Refusal(codes.UNAVAILABLE_CRITICAL_EXTENSION, b"No critical control is taken with a bind")
# RFC 4513, section 5.1.2: it would be an anonymous bind to a client that thinks it has given a password.
_NO_PASSWORD = Refusal(codes.UNWILLING_TO_PERFORM, b"A name without a password is not accepted")
_UNKNOWN = Refusal(codes.PROTOCOL_ERROR, b"The only extended operation here is Who am I")


class Session:
    """Nobody is bound when it begins."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._bound: Entry | None = None

    def answer(self, message: Message) -> bytes:
        """What to send for a request; b"" for Abandon: all that came before it is answered by then.

        Raises `ProtocolError`, which ends the connection.
        """
        if message.operation == ldap.ABANDON:
            return b""
        if message.id == ldap.UNSOLICITED or message.operation not in ldap.RESPONSES:
            raise ProtocolError("this is no request that a client can make")
        try:
            if message.operation == ldap.BIND:
                return _told(message, self._bind(message))
            return self._carry_out(message)
        except NotUnderstood as problem:
            return _told(message, Refusal(problem.objection.code, problem.objection.text))

    def _carry_out(self, message: Message) -> bytes:
        operation = operation_of(message)
        who = asker(controls_of(message), self._bound, self._tree)
        if isinstance(who, Refusal):
            return _told(message, who)
        if isinstance(operation, Extended):
            return _extended(message, operation, who)
        if isinstance(operation, Search) and root_dse.is_asked_for(operation):
            return root_dse.entry(message.id, operation, _ROOT_DSE) + _told(message, None)
        if not isinstance(operation, Search | Compare):
            return _told(message, _READ_ONLY)
        return self._read(message, operation) if who is not None else _told(message, _BIND_FIRST)

    def _bind(self, message: Message) -> Refusal | None:
        """Whatever comes of it, whoever was bound is so no longer (RFC 4511, section 4.2.1)."""
        self._bound = None
        bind = ldap.parse_bind(message)
        if bind.version != 3:
            return _VERSION
        if bind.password is None:
            return _METHOD
        # Not even that one (RFC 4370, section 3).
        if any(control.critical for control in controls_of(message)):
            return _CRITICAL
        if not bind.password:
            return _NO_PASSWORD if bind.name else None
        dn = parse(bind.name)
        if dn is None:
            return _NOT_A_DN if bind.name else _WRONG
        self._bound = self._tree.bound(dn, bind.password)
        return _WRONG if self._bound is None else None

    def _read(self, message: Message, asked: Search | Compare) -> bytes:
        if isinstance(asked, Search):
            entries, refusal = search(message.id, asked, self._tree)
            return entries + _told(message, refusal)
        verdict = compare(asked, self._tree)
        return _told(message, verdict if isinstance(verdict, Refusal) else Refusal(verdict, b""))


def _extended(message: Message, asked: Extended, who: Entry | None) -> bytes:
    if asked.name != codes.WHO_AM_I:
        return _told(message, _UNKNOWN)
    return extended.who_am_i(message.id, f"dn:{who.dn}".encode() if who is not None else b"")


def _told(message: Message, refusal: Refusal | None) -> bytes:
    code, text = (refusal.code, refusal.text) if refusal is not None else (codes.SUCCESS, b"")
    return ldap.result(message.id, ldap.RESPONSES[message.operation], code, text)
