"""Our side towards POP3 backends: TLS, who the client is, and the login."""

import re

from protocols import sasl
from protocols.dialogue import Buffer, Credentials, Dialogue, LoginResult, Outcome, ProtocolError, Send
from protocols.pop3 import capabilities
from protocols.terms import BackTerms, Client

_MAX_LINE = 2048  # RFC 2449, section 4, asks for 512
_MAX_LINES = 100
_MAX_COMMAND = 255  # RFC 2449, section 4; a longer initial response has to wait (RFC 5034, section 4)
_CODE = re.compile(rb"\[([^\] ]+)(?: [^\]]*)?\]")
# RFC 2449 and RFC 3206: these say that the backend can't, not that the credentials are wrong.
_TEMPORARY = frozenset((b"SYS/TEMP", b"SYS/PERM", b"IN-USE", b"LOGIN-DELAY"))
_UNFIT = re.compile(rb"[\r\n\0]")


def back(terms: BackTerms) -> Dialogue[tuple[LoginResult, bytes]]:
    """Log in. Returns the backend's verdict and what it sent behind it.

    `ProtocolError` and `EOFError` mean that the backend could not be understood.
    """
    if terms.credentials is None:
        raise ProtocolError("POP3 has no login without credentials")
    return (yield from _Back().run(terms.credentials, terms))


def probe(starttls: bool) -> Dialogue[tuple[bytes, ...]]:
    """The capabilities that the backend has before a login. Raises as `back` does."""
    return (yield from _Back().ask(starttls))


class _Back:
    __slots__ = ("_buffer", "_takes_xclient")

    def __init__(self) -> None:
        self._buffer = Buffer()
        self._takes_xclient = False

    def run(self, credentials: Credentials, terms: BackTerms) -> Dialogue[tuple[LoginResult, bytes]]:
        yield from self._begin(terms.starttls)
        client = terms.client if self._takes_xclient else None
        offered = yield from self._capabilities(client)
        result = yield from self._log_in(credentials, offered)
        return result, self._buffer.take()

    def ask(self, starttls: bool) -> Dialogue[tuple[bytes, ...]]:
        yield from self._begin(starttls)
        offered = yield from self._capabilities(None)
        yield Send(b"QUIT\r\n")
        return offered

    def _begin(self, starttls: bool) -> Dialogue[None]:
        status, text = yield from self._read_response()
        if status != b"+OK":
            raise ProtocolError("the backend didn't greet with +OK")
        # Dovecot tells so those whom it trusts. In clear somebody else may have said it: then the backend
        # refuses XCLIENT, or learns an address that it may know.
        self._takes_xclient = b"[XCLIENT]" in text
        if starttls:
            yield from self._expect(b"STLS", "the backend refused STLS")
            yield from self._buffer.start_tls()

    def _capabilities(self, client: Client | None) -> Dialogue[tuple[bytes, ...]]:
        """Say who the client is, and ask what there is, in one packet. Empty for a backend without CAPA."""
        if client is None:
            yield from self._buffer.ask(b"CAPA\r\n")
        else:
            introduced = b"XCLIENT ADDR=%b PORT=%d\r\nCAPA" % (client.address, client.port)
            yield from self._expect(introduced, "the backend refused XCLIENT")
        status, _ = yield from self._read_response()
        lines: list[bytes] = []
        while status == b"+OK" and (line := (yield from self._buffer.read_line(_MAX_LINE))) != b".":
            lines.append(line)
            if len(lines) > _MAX_LINES:
                raise ProtocolError("the backend talks without an end")
        return tuple(lines)

    def _log_in(self, credentials: Credentials, offered: tuple[bytes, ...]) -> Dialogue[LoginResult]:
        if b"PLAIN" in capabilities.mechanisms(offered):
            status, text = yield from self._authenticate(sasl.encode(sasl.plain(credentials)))
        elif credentials.authzid:
            raise ProtocolError("the backend offers no AUTH PLAIN")
        else:
            status, text = yield from self._user(credentials)
            if status == b"+OK":
                status, text = yield from self._pass(credentials)
            elif offered and not capabilities.has(offered, b"USER"):
                # Servers that want TLS first hide both, and their refusal isn't about the user.
                raise ProtocolError("the backend offers neither AUTH PLAIN nor USER")
        return _judge(status, text)

    def _authenticate(self, response: bytes) -> Dialogue[tuple[bytes, bytes]]:
        waiting = [response]
        command = b"AUTH PLAIN"
        if len(command) + 1 + len(response) + 2 <= _MAX_COMMAND:
            command += b" " + waiting.pop()
        yield from self._buffer.ask(command + b"\r\n")
        status, text = yield from self._read_response()
        if status == b"+" and waiting:
            yield from self._buffer.ask(waiting.pop() + b"\r\n")
            status, text = yield from self._read_response()
        if status == b"+":
            # Cancel (RFC 5034, section 4). Whatever the answer, nobody has judged the credentials.
            yield Send(b"*\r\n")
            raise ProtocolError("the backend asks for more than PLAIN has to say")
        if waiting:
            raise ProtocolError("the backend ended the exchange before it had the credentials")
        return status, text

    def _user(self, credentials: Credentials) -> Dialogue[tuple[bytes, bytes]]:
        if _UNFIT.search(credentials.username + credentials.password):
            raise ProtocolError("the user name or password doesn't fit on a line")
        yield from self._buffer.ask(b"USER " + credentials.username + b"\r\n")
        return (yield from self._read_response())

    def _pass(self, credentials: Credentials) -> Dialogue[tuple[bytes, bytes]]:
        yield from self._buffer.ask(b"PASS " + credentials.password + b"\r\n")
        return (yield from self._read_response())

    def _expect(self, command: bytes, otherwise: str) -> Dialogue[None]:
        yield from self._buffer.ask(command + b"\r\n")
        status, _ = yield from self._read_response()
        if status != b"+OK":
            raise ProtocolError(otherwise)

    def _read_response(self) -> Dialogue[tuple[bytes, bytes]]:
        """`+OK`, `-ERR` or `+`, and the text behind it."""
        line = yield from self._buffer.read_line(_MAX_LINE)
        status, _, text = line.partition(b" ")
        status = status.upper()
        if status not in (b"+OK", b"-ERR", b"+"):
            raise ProtocolError("the backend sent a line that is no response")
        return status, text


def _judge(status: bytes, text: bytes) -> LoginResult:
    if status == b"+OK":
        return LoginResult(Outcome.ACCEPTED, text)
    code = _CODE.match(text)
    if status == b"-ERR" and not (code and code[1].upper() in _TEMPORARY):
        return LoginResult(Outcome.REJECTED, text)
    return LoginResult(Outcome.UNAVAILABLE, text)
