"""Our side towards submission servers: TLS, who the client is, and the login."""

from collections.abc import Sequence

from protocols import sasl
from protocols.dialogue import Buffer, Credentials, Dialogue, LoginResult, Outcome, ProtocolError, Send
from protocols.smtp import xclient
from protocols.smtp.extensions import parameters
from protocols.smtp.replies import Reply, read_reply
from protocols.terms import BackTerms, Client

_MAX_COMMAND = 512  # RFC 5321, section 4.5.3.1.4; a longer initial response has to wait (RFC 4954, section 4)
_READY, _DONE, _AUTHENTICATED, _CHALLENGE = 220, 250, 235, 334
# The credentials are wrong, or not enough: RFC 4954, section 6, and 5.7.13 of IANA's registry.
_WRONG_CREDENTIALS = (534, 535, 525)
_REFUSED_AS_POLICY = (550, 554)  # some servers say it so, with 5.7 in the enhanced code
# A second AUTH has to get 503 (RFC 4954, section 4); the others say that there is no AUTH any more. Whoever
# complains of the argument or the mechanism has looked at them, and may take a better one.
_NO_MORE_LOGINS = (500, 502, 503)
# What lets a user become somebody else, and how to be rid of it. A server that starts TLS forgets the login
# (RFC 3207, section 4.2), and then takes another.
_INTERNAL = {
    b"XCLIENT": "list it in trusted_commands",
    b"XFORWARD": "list it in trusted_commands",
    b"STARTTLS": 'set tls = "starttls" for the backend',
}


def back(terms: BackTerms) -> Dialogue[tuple[LoginResult, bytes]]:
    """Log in. Returns the backend's verdict and what it sent behind it.

    `ProtocolError` and `EOFError` mean that the backend could not be understood, or that it would let users
    become somebody else after the login.
    """
    return (yield from _Back(terms.client).run(terms))


def probe(starttls: bool) -> Dialogue[tuple[bytes, ...]]:
    """The extensions that the backend offers, a line of its EHLO each. Raises as `back` does."""
    return (yield from _Back(None).ask(starttls))


class _Back:
    __slots__ = ("_buffer", "_client", "_extensions", "_helo")

    def __init__(self, client: Client | None) -> None:
        self._buffer = Buffer()
        self._client = client
        self._helo = xclient.helo_name(client)
        self._extensions: tuple[bytes, ...] = ()

    def run(self, terms: BackTerms) -> Dialogue[tuple[LoginResult, bytes]]:
        yield from self._begin(terms.starttls)
        yield from self._introduce(terms)
        if terms.credentials is None:
            result = LoginResult(Outcome.ACCEPTED, b"")
        else:
            result = yield from self._log_in(terms.credentials)
        if result.outcome is Outcome.ACCEPTED:
            yield from self._forbid_another_login(terms.trusted)
            yield from self._forbid_internal(terms.trusted)
        return result, self._buffer.take()

    def ask(self, starttls: bool) -> Dialogue[tuple[bytes, ...]]:
        yield from self._begin(starttls)
        yield Send(b"QUIT\r\n")
        return self._extensions

    def _begin(self, starttls: bool) -> Dialogue[None]:
        """Up to where the extensions are known."""
        yield from self._expect(_READY, "the backend didn't greet with 220")
        yield from self._ehlo()
        if starttls:
            yield from self._buffer.ask(b"STARTTLS\r\n")
            yield from self._expect(_READY, "the backend refused STARTTLS")
            yield from self._buffer.start_tls()
            yield from self._ehlo()  # what was said in clear may be somebody else's words

    def _ehlo(self) -> Dialogue[None]:
        yield from self._buffer.ask(b"EHLO " + self._helo + b"\r\n")
        reply = yield from read_reply(self._buffer)
        if reply.code >= 500 and self._helo != xclient.address_literal(self._client):
            self._helo = xclient.address_literal(self._client)  # not the client's fault: it may say anything
            yield from self._ehlo()
        elif reply.code == _DONE:
            self._extensions = reply.lines[1:]
        else:
            raise ProtocolError(f"the backend refused EHLO: it said {reply.code}")

    def _introduce(self, terms: BackTerms) -> Dialogue[None]:
        """Say who the client is. From then on we are, for the backend, the client."""
        understood = parameters(self._extensions, b"XCLIENT") or frozenset()
        if terms.credentials is None and b"LOGIN" not in understood:
            raise ProtocolError("the backend offers no XCLIENT with LOGIN")
        if self._client is None:
            if terms.credentials is None:
                raise ProtocolError("without credentials the backend has to be told who the client is")
            return
        told = xclient.attributes(terms, self._client, understood)
        if not told:
            return
        yield from self._buffer.ask(b"XCLIENT " + told + b"\r\n")
        yield from self._expect(_READY, "the backend refused XCLIENT")
        yield from self._ehlo()

    def _forbid_another_login(self, trusted: frozenset[bytes]) -> Dialogue[None]:
        """One that is refused as RFC 4954, section 4, demands. No credentials are sent."""
        mechanisms = parameters(self._extensions, b"AUTH")
        if mechanisms is None or b"AUTH" in trusted:
            return
        ours = [mechanism for mechanism in sasl.MECHANISMS if mechanism in mechanisms]
        yield from self._buffer.ask(b"AUTH " + (ours or [*sorted(mechanisms), b"PLAIN"])[0] + b"\r\n")
        reply = yield from read_reply(self._buffer)
        if reply.code == _CHALLENGE:
            yield from self._buffer.ask(b"*\r\n")
            yield from read_reply(self._buffer)
        if reply.code not in _NO_MORE_LOGINS:
            raise ProtocolError(
                "the backend would take a second AUTH from this user; forbid it there, or list AUTH in "
                "trusted_commands"
            )

    def _forbid_internal(self, trusted: frozenset[bytes]) -> Dialogue[None]:
        """Dovecot, for one, offers XCLIENT and STARTTLS up to the login and refuses them after it."""
        if self._internal(trusted):
            yield from self._ehlo()
        for command in self._internal(trusted):
            raise ProtocolError(
                f"the backend would take {command.decode()} from this user; forbid it there for the "
                f"client's address, or {_INTERNAL[command]}"
            )

    def _internal(self, trusted: frozenset[bytes]) -> list[bytes]:
        return [
            command
            for command in _INTERNAL
            if command not in trusted and parameters(self._extensions, command) is not None
        ]

    def _log_in(self, credentials: Credentials) -> Dialogue[LoginResult]:
        mechanisms = parameters(self._extensions, b"AUTH") or frozenset()
        if b"PLAIN" in mechanisms:
            reply = yield from self._plain(sasl.encode(sasl.plain(credentials)))
        elif credentials.authzid or b"LOGIN" not in mechanisms:
            raise ProtocolError("the backend offers no AUTH PLAIN")
        else:
            responses = sasl.encode(credentials.username), sasl.encode(credentials.password)
            reply = yield from self._authenticate(b"AUTH LOGIN", responses)
        return _judge(reply)

    def _plain(self, response: bytes) -> Dialogue[Reply]:
        command = b"AUTH PLAIN " + response
        if len(command) + 2 > _MAX_COMMAND:
            return (yield from self._authenticate(b"AUTH PLAIN", (response,)))
        return (yield from self._authenticate(command, ()))

    def _authenticate(self, command: bytes, responses: Sequence[bytes]) -> Dialogue[Reply]:
        """Each challenge is given the next of `responses`; one that nobody expects cancels the exchange."""
        waiting = list(responses)
        yield from self._buffer.ask(command + b"\r\n")
        reply = yield from read_reply(self._buffer)
        while reply.code == _CHALLENGE:
            cancelled = not waiting
            yield from self._buffer.ask((b"*" if cancelled else waiting.pop(0)) + b"\r\n")
            reply = yield from read_reply(self._buffer)
            if cancelled and reply.code == _CHALLENGE:
                raise ProtocolError("the backend goes on with an exchange that was cancelled")
        if waiting and reply.code == _AUTHENTICATED:
            raise ProtocolError("the backend accepted the login before it had the credentials")
        return reply

    def _expect(self, code: int, otherwise: str) -> Dialogue[Reply]:
        reply = yield from read_reply(self._buffer)
        if reply.code != code:
            raise ProtocolError(f"{otherwise}: it said {reply.code}")
        return reply


def _judge(reply: Reply) -> LoginResult:
    if reply.code == _AUTHENTICATED:
        return LoginResult(Outcome.ACCEPTED, reply.text)
    said = b"%d %b" % (reply.code, reply.text)
    refused_as_policy = reply.code in _REFUSED_AS_POLICY and reply.text.startswith(b"5.7.")
    temporary = reply.text.startswith(b"4.")
    if (reply.code in _WRONG_CREDENTIALS or refused_as_policy) and not temporary:
        return LoginResult(Outcome.REJECTED, said)
    return LoginResult(Outcome.UNAVAILABLE, said)
