"""Our side towards ManageSieve clients, up to the login."""

from protocols import sasl
from protocols.attempts import Attempts
from protocols.dialogue import Buffer, Credentials, Dialogue, Outcome, ProtocolError, Send
from protocols.sieve import capabilities, grammar
from protocols.terms import FrontTerms

_TEMPORARY = (Outcome.LIMITED, Outcome.UNAVAILABLE)
_MAX_BAD_COMMANDS = 3
_NO_BASE64 = b"?"
_LATER = frozenset(
    b"HAVESPACE PUTSCRIPT LISTSCRIPTS SETACTIVE GETSCRIPT DELETESCRIPT RENAMESCRIPT CHECKSCRIPT".split()
)


def front(terms: FrontTerms) -> Dialogue[bytes | None]:
    """Returns what the client sent behind its login, or None when it left without one."""
    return (yield from _Front(terms).run())


class _Front:
    __slots__ = ("_attempts", "_bad", "_buffer", "_secure", "_terms")

    def __init__(self, terms: FrontTerms) -> None:
        self._terms = terms
        self._secure = terms.tls or not terms.starttls
        self._buffer = Buffer()
        self._attempts = Attempts(self._buffer, terms.failed_logins)
        self._bad = 0

    def run(self) -> Dialogue[bytes | None]:
        yield Send(self._capabilities(b"Wicketgate ready."))
        try:
            while self._bad < _MAX_BAD_COMMANDS:
                whole = yield from grammar.read_whole(self._buffer)
                name, arguments = grammar.name_of(whole), grammar.arguments(whole)
                if name is None or arguments is None:
                    yield from self._refuse(b"A command is a name and arguments: strings or atoms")
                elif name == b"LOGOUT":
                    yield Send(b'OK "Goodbye."\r\n')
                    return None
                elif (yield from self._command(name, arguments)):
                    return self._buffer.take()
            yield Send(b'BYE "Too many bad commands"\r\n')
        except ProtocolError as error:
            yield Send(b"BYE " + grammar.quote(error.sentence()) + b"\r\n")
            raise
        return None

    def _capabilities(self, text: bytes) -> bytes:
        lines = capabilities.announced(self._terms.offered, self._secure)
        return b"".join(line + b"\r\n" for line in lines) + b"OK " + grammar.quote(text) + b"\r\n"

    def _command(self, name: bytes, arguments: list[bytes]) -> Dialogue[bool]:
        """Carry out one command. True once the client is logged in."""
        if name == b"AUTHENTICATE":
            return (yield from self._authenticate(arguments))
        if name == b"NOOP":
            yield from self._noop(arguments)
        elif name == b"CAPABILITY" and not arguments:
            yield Send(self._capabilities(b"Capability completed."))
        elif name == b"STARTTLS" and not arguments:
            yield from self._starttls()
        elif name in _LATER:
            yield from self._refuse(b"Log in first: this command is for after the login")
        else:
            yield from self._refuse(b"Unknown command, or arguments that it doesn't take")
        return False

    def _refuse(self, reason: bytes, code: bytes = b"") -> Dialogue[None]:
        self._bad += 1
        yield Send(b"NO " + code + grammar.quote(reason) + b"\r\n")

    def _noop(self, arguments: list[bytes]) -> Dialogue[None]:
        """The argument is sent back, so that a client finds its place (RFC 5804, section 2.13)."""
        tag = b"(TAG " + grammar.quote(arguments[0]) + b") " if arguments else b""
        yield Send(b"OK " + tag + b'"Done."\r\n')

    def _starttls(self) -> Dialogue[None]:
        if self._secure:
            has_it = self._terms.tls or self._terms.starttls
            yield from self._refuse(b"TLS is already on" if has_it else b"This listener has no TLS")
            return
        yield from self._buffer.start_tls(b'OK "Begin TLS negotiation now."\r\n')
        # What was said in clear may have been said by somebody else, to both sides; so the capabilities come
        # again (RFC 5804, section 2.2).
        self._secure, self._bad = True, 0
        yield Send(self._capabilities(b"TLS negotiation successful."))

    def _authenticate(self, arguments: list[bytes]) -> Dialogue[bool]:
        if not self._secure:
            yield from self._refuse(b"Start TLS first, then log in", b"(ENCRYPT-NEEDED) ")
            return False
        if len(arguments) not in (1, 2):
            yield from self._refuse(b"AUTHENTICATE takes a mechanism and, if wanted, a response")
            return False
        mechanism = arguments[0].upper()
        if mechanism not in sasl.MECHANISMS:
            yield from self._refuse(b"The mechanisms offered are PLAIN and LOGIN")
            return False
        initial = arguments[1] if len(arguments) == 2 else None
        credentials = yield from sasl.exchange(mechanism, initial, self._ask)
        if isinstance(credentials, sasl.Malformed):
            yield from self._refuse(credentials.value)
            return False
        return (yield from self._log_in(credentials))

    def _ask(self, challenge: bytes) -> Dialogue[bytes]:
        yield Send(grammar.quote(sasl.encode(challenge)) + b"\r\n")
        whole = yield from grammar.read_whole(self._buffer)
        response = grammar.one_string(whole)
        # Commands such as NOOP are base64 too: what is no string must not become a response.
        return _NO_BASE64 if response is None else response

    def _log_in(self, credentials: Credentials) -> Dialogue[bool]:
        result = yield from self._attempts.log_in(credentials, b"")
        if result.outcome is Outcome.ACCEPTED:
            # No capabilities here: clients would take them for the answer to their next command.
            yield Send(b"OK " + grammar.quote(result.text or b"Logged in.") + b"\r\n")
            return True
        code = b"(TRYLATER) " if result.outcome in _TEMPORARY else b""
        yield Send(b"NO " + code + grammar.quote(result.text) + b"\r\n")
        self._attempts.end_if_due()
        return False
