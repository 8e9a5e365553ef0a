"""Our side towards directories: TLS, and the bind."""

from dataclasses import replace

from protocols.dialogue import Buffer, Credentials, Dialogue, LoginResult, Outcome, ProtocolError, Send
from protocols.ldap import ber, codes, extended, root_dse
from protocols.ldap import message as ldap
from protocols.ldap.message import Message
from protocols.terms import BackTerms

_MAX_MESSAGE = 262144
_MAX_MESSAGES = 1000  # of one answer
# What directories say to a user who may not come in, rather than that they can't tell.
_WRONG = frozenset(
    (
        codes.INVALID_CREDENTIALS,
        codes.CONSTRAINT_VIOLATION,
        codes.NO_SUCH_OBJECT,
        codes.INVALID_DN_SYNTAX,
        codes.INAPPROPRIATE_AUTHENTICATION,
        codes.INSUFFICIENT_ACCESS_RIGHTS,
        codes.UNWILLING_TO_PERFORM,
    )
)


def back(terms: BackTerms) -> Dialogue[tuple[LoginResult, bytes]]:
    """Bind; without credentials the connection stays anonymous. Returns the directory's verdict.

    `ProtocolError` and `EOFError` mean that the directory could not be understood.
    """
    return (yield from _Back().run(terms))


def probe(starttls: bool) -> Dialogue[tuple[bytes, ...]]:
    """The attributes of the directory's root DSE, each as it is encoded. Raises as `back` does."""
    return (yield from _Back().ask(starttls))


class _Back:
    __slots__ = ("_buffer", "_number")

    def __init__(self) -> None:
        self._buffer = Buffer()
        self._number = 0

    def run(self, terms: BackTerms) -> Dialogue[tuple[LoginResult, bytes]]:
        if terms.starttls:
            yield from self._start_tls()
        result = LoginResult(Outcome.ACCEPTED, b"")
        if terms.credentials is not None:
            result = yield from self._bind(terms.credentials)
            if terms.ask_who and result.outcome is Outcome.ACCEPTED:
                result = replace(result, reported=(yield from self._ask_who()))
        return result, self._buffer.take()

    def ask(self, starttls: bool) -> Dialogue[tuple[bytes, ...]]:
        if starttls:
            yield from self._start_tls()
        yield from self._buffer.ask(root_dse.search(self._next_number()))
        attributes: list[bytes] = []
        for _ in range(_MAX_MESSAGES):
            message = yield from self._read()
            if message.operation != ldap.ENTRY:
                break
            ldap.expect_response(message, self._number, ldap.ENTRY)
            attributes += _attributes(message)
        ldap.expect_response(message, self._number, ldap.SEARCH_DONE)
        yield Send(ldap.encode_message(self._next_number(), ber.encode(ldap.UNBIND)))
        return tuple(attributes)

    def _next_number(self) -> int:
        self._number += 1
        return self._number

    def _read(self) -> Dialogue[Message]:
        return (yield from ldap.read_message(self._buffer, _MAX_MESSAGE))

    def _start_tls(self) -> Dialogue[None]:
        yield from self._buffer.ask(extended.request(self._next_number(), codes.START_TLS))
        message = yield from self._read()
        ldap.expect_response(message, self._number, ldap.EXTENDED_RESPONSE)
        code, _ = ldap.parse_result(message)
        if code != codes.SUCCESS:
            raise ProtocolError(f"the directory refused StartTLS: it said {code}")
        yield from self._buffer.start_tls()

    def _bind(self, credentials: Credentials) -> Dialogue[LoginResult]:
        if not credentials.username or not credentials.password:
            # The directory would take it for an anonymous bind and say yes (RFC 4513, section 5.1.2).
            raise ProtocolError("a bind without a name or a password is never sent")
        yield from self._buffer.ask(bind_request(self._next_number(), credentials))
        message = yield from self._read()
        ldap.expect_response(message, self._number, ldap.BIND_RESPONSE)
        code, text = ldap.parse_result(message)
        if code == codes.SUCCESS:
            return LoginResult(Outcome.ACCEPTED, text)
        outcome = Outcome.REJECTED if code in _WRONG else Outcome.UNAVAILABLE
        return LoginResult(outcome, b"%d %b" % (code, text))

    def _ask_who(self) -> Dialogue[bytes | None]:
        """The user that the directory has bound (RFC 4532), None where it knows no such question."""
        yield from self._buffer.ask(extended.request(self._next_number(), codes.WHO_AM_I))
        message = yield from self._read()
        ldap.expect_response(message, self._number, ldap.EXTENDED_RESPONSE)
        code, _ = ldap.parse_result(message)
        return extended.response_value(message) if code == codes.SUCCESS else None


def bind_request(number: int, credentials: Credentials) -> bytes:
    """A simple bind (RFC 4511, section 4.2)."""
    return ldap.encode_message(
        number,
        ber.encode(
            ldap.BIND,
            ber.encode_unsigned(ber.INTEGER, 3),
            ber.encode(ber.OCTET_STRING, credentials.username),
            ber.encode(ldap.SIMPLE, credentials.password),
        ),
    )


def _attributes(message: Message) -> list[bytes]:
    """Each attribute of a SearchResultEntry, as it is encoded."""
    data, end = message.data, message.stop
    _, at = ber.expect(ber.OCTET_STRING, data, message.start, end)
    at, end = ber.expect(ber.SEQUENCE, data, at, end)
    found = []
    while at < end:
        _, stop = root_dse.parse_attribute(data, at, end)
        found.append(data[at:stop])
        at = stop
    return found
