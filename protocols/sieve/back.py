"""Our side towards ManageSieve backends: TLS, who the client is, and the login."""

import re
from dataclasses import dataclass

from protocols import sasl
from protocols.dialogue import Buffer, Credentials, Dialogue, LoginResult, Outcome, ProtocolError, Send
from protocols.sieve import capabilities, grammar
from protocols.terms import BackTerms, Client

_MAX_LINES = 100
_RESPONSE = re.compile(
    rb'(OK|NO|BYE)(?: \(([A-Z][A-Z/-]*)(?: [^\r\n]{0,1000}?)?\))?(?: "((?:[^"\\]|\\.)*)")?',
    re.IGNORECASE | re.DOTALL,
)
_FORGETS = b"UNAUTHENTICATE"  # RFC 5804, section 2.14.1: back to before the login
# RFC 5804, section 1.3: these say that the backend can't, not that the credentials are wrong.
_TEMPORARY = frozenset((b"TRYLATER", b"ENCRYPT-NEEDED", b"AUTH-TOO-WEAK", b"REFERRAL", b"TRANSITION-NEEDED"))


def back(terms: BackTerms) -> Dialogue[tuple[LoginResult, bytes]]:
    """Log in. Returns the backend's verdict and what it sent behind it.

    `ProtocolError` and `EOFError` mean that the backend could not be understood, or that it would let users
    become somebody else after the login.
    """
    if terms.credentials is None:
        raise ProtocolError("ManageSieve has no login without credentials")
    return (yield from _Back().run(terms.credentials, terms))


def probe(starttls: bool) -> Dialogue[tuple[bytes, ...]]:
    """The capabilities that the backend has before a login, a line each. Raises as `back` does."""
    return (yield from _Back().ask(starttls))


@dataclass(frozen=True, slots=True)
class _Response:
    """What ends the answer to a command. `status` and `code` are in upper case."""

    status: bytes
    code: bytes
    text: bytes


class _Back:
    __slots__ = ("_buffer", "_capabilities")

    def __init__(self) -> None:
        self._buffer = Buffer()
        self._capabilities: tuple[bytes, ...] = ()

    def run(self, credentials: Credentials, terms: BackTerms) -> Dialogue[tuple[LoginResult, bytes]]:
        yield from self._begin(terms.starttls)
        if terms.client is not None:
            yield from self._introduce(terms.client)
        result = yield from self._log_in(credentials)
        if result.outcome is Outcome.ACCEPTED and _FORGETS not in terms.trusted:
            yield from self._forbid_another_login()
        return result, self._buffer.take()

    def ask(self, starttls: bool) -> Dialogue[tuple[bytes, ...]]:
        yield from self._begin(starttls)
        yield Send(b"LOGOUT\r\n")
        return self._capabilities

    def _begin(self, starttls: bool) -> Dialogue[None]:
        """Up to where the capabilities are known that hold for the login."""
        yield from self._read_capabilities("the backend didn't greet with OK")
        if starttls:
            yield from self._expect(b"STARTTLS", "the backend refused STARTTLS")
            yield from self._buffer.start_tls()
            # They come again, unasked: those in clear may be somebody else's words (RFC 5804, section 2.2).
            yield from self._read_capabilities("the backend didn't greet with OK inside TLS")

    def _introduce(self, client: Client) -> Dialogue[None]:
        if capabilities.value(self._capabilities, b"XCLIENT") is None:
            return
        command = b"XCLIENT ADDR=%b PORT=%d" % (client.address, client.port)
        yield from self._expect(command, "the backend refused XCLIENT")

    def _log_in(self, credentials: Credentials) -> Dialogue[LoginResult]:
        mechanisms = capabilities.value(self._capabilities, b"SASL") or b""
        if b"PLAIN" not in mechanisms.upper().split():
            raise ProtocolError("the backend offers no PLAIN")
        message = sasl.encode(sasl.plain(credentials))
        if len(message) <= grammar.MAX_QUOTED:
            response = b'"' + message + b'"'
        else:
            response = b"{%d+}\r\n" % len(message) + message
        yield from self._buffer.ask(b'AUTHENTICATE "PLAIN" ' + response + b"\r\n")
        return _judge((yield from self._read_response()))

    def _forbid_another_login(self) -> Dialogue[None]:
        """What a server offers to those who are in, it says to them alone (RFC 5804, section 1.7).

        It may take what it doesn't offer, so it is asked, and has to say NO. One that says OK has forgotten
        who was in; the session ends with the temporary code.
        """
        yield from self._buffer.ask(b"CAPABILITY\r\n")
        yield from self._read_capabilities("the backend refused CAPABILITY")
        offers = capabilities.value(self._capabilities, _FORGETS) is not None
        if offers or not (yield from self._refuses(_FORGETS)):
            raise ProtocolError(
                "the backend would take UNAUTHENTICATE from this user, and then another login; forbid it "
                "there, or list it in trusted_commands"
            )

    def _refuses(self, command: bytes) -> Dialogue[bool]:
        yield from self._buffer.ask(command + b"\r\n")
        return (yield from self._read_response()).status == b"NO"

    def _expect(self, command: bytes, otherwise: str) -> Dialogue[None]:
        yield from self._buffer.ask(command + b"\r\n")
        if (yield from self._read_response()).status != b"OK":
            raise ProtocolError(otherwise)

    def _read_capabilities(self, otherwise: str) -> Dialogue[None]:
        lines: list[bytes] = []
        while len(lines) < _MAX_LINES:
            whole = yield from grammar.read_whole(self._buffer)
            if not whole.startswith(b'"'):
                break
            lines.append(whole)
        else:
            raise ProtocolError("the backend talks without an end")
        if _parse(whole).status != b"OK":
            raise ProtocolError(otherwise)
        self._capabilities = tuple(lines)

    def _read_response(self) -> Dialogue[_Response]:
        return _parse((yield from grammar.read_whole(self._buffer)))


def _parse(whole: bytes) -> _Response:
    match = _RESPONSE.fullmatch(whole)
    if match is None:
        raise ProtocolError("the backend sent a line that is no response")
    return _Response(match[1].upper(), (match[2] or b"").upper(), grammar.unescape(match[3] or b""))


def _judge(response: _Response) -> LoginResult:
    if response.status == b"OK":
        if response.code == b"SASL":  # PLAIN has none (RFC 4616, section 2)
            raise ProtocolError("the backend ended PLAIN with data that it doesn't have")
        return LoginResult(Outcome.ACCEPTED, response.text)
    if response.status == b"NO" and response.code not in _TEMPORARY:
        return LoginResult(Outcome.REJECTED, response.text)
    return LoginResult(Outcome.UNAVAILABLE, response.status + b" " + response.text)
