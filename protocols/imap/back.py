"""Our side towards IMAP backends: TLS, who the client is, and the login."""

import re
from collections.abc import Sequence

from protocols import sasl
from protocols.dialogue import (
    AnsweredTooSoon,
    Buffer,
    Credentials,
    Dialogue,
    LoginResult,
    Outcome,
    ProtocolError,
    Send,
)
from protocols.imap import grammar
from protocols.imap.grammar import MAX_LINE
from protocols.terms import BackTerms, Client

_MAX_RESPONSES = 100  # a backend says a handful of lines before a login is done
_MAX_RESPONSE = 65536  # bytes of one response with its literals
_CODE = re.compile(rb"\[([^\] ]+)(?: ([^\]]*))?\] ?")
# RFC 5530 and what servers add: these say that the backend can't, not that the credentials are wrong.
_TEMPORARY = frozenset(
    (
        b"UNAVAILABLE",
        b"SERVERBUG",
        b"INUSE",
        b"LIMIT",
        b"CONTACTADMIN",
        b"CORRUPTION",
        b"PRIVACYREQUIRED",
        b"REFERRAL",
    )
)

_FORGETS = b"UNAUTHENTICATE"  # RFC 8437, section 2: back to before the login


def back(terms: BackTerms) -> Dialogue[tuple[LoginResult, bytes]]:
    """Log in. Returns the backend's verdict and what it sent behind it.

    A backend that offers ID is told there who the client is. `ProtocolError` and `EOFError` mean that the
    backend could not be understood, or that it would let users become somebody else after the login.
    """
    if terms.credentials is None:
        raise ProtocolError("IMAP has no login without credentials")
    return (yield from _Back(terms.client).run(terms.credentials, terms))


def probe(starttls: bool) -> Dialogue[tuple[bytes, ...]]:
    """The capabilities that the backend has before a login. Raises as `back` does."""
    return (yield from _Back(None).ask(starttls))


class _Back:
    __slots__ = (
        "_announced",
        "_behind",
        "_buffer",
        "_capabilities",
        "_client",
        "_number",
        "_raw_capabilities",
    )

    def __init__(self, client: Client | None) -> None:
        self._buffer = Buffer()
        self._client = client
        self._capabilities: frozenset[bytes] = frozenset()
        self._raw_capabilities = b""
        self._number = 0
        self._announced = b""
        self._behind = b""

    def run(self, credentials: Credentials, terms: BackTerms) -> Dialogue[tuple[LoginResult, bytes]]:
        yield from self._begin(terms.starttls)
        result = yield from self._log_in(credentials)
        if result.outcome is Outcome.ACCEPTED and _FORGETS not in terms.trusted:
            yield from self._forbid_another_login()
        return result, self._behind + self._buffer.take()

    def ask(self, starttls: bool) -> Dialogue[tuple[bytes, ...]]:
        yield from self._begin(starttls)
        yield Send(self._tag() + b" LOGOUT\r\n")
        return tuple(self._raw_capabilities.split())

    def _begin(self, starttls: bool) -> Dialogue[None]:
        """Up to where the capabilities are known that hold for the login."""
        greeting = yield from self._read_response()
        kind, _, text = greeting.partition(b" ")
        status, _, text = text.partition(b" ")
        if kind != b"*" or status.upper() != b"OK":
            # PREAUTH would leave us logged in as nobody knows whom (RFC 9051, section 7.1.4); BYE says no.
            raise ProtocolError("the backend didn't greet with OK")
        self._note_capabilities(text)
        if starttls:
            yield from self._starttls()
        if not self._capabilities:
            yield from self._ask_capabilities()

    def _starttls(self) -> Dialogue[None]:
        tag = self._tag()
        yield from self._buffer.ask(tag + b" STARTTLS\r\n")
        status, _ = yield from self._completion(tag)
        if status != b"OK":
            raise ProtocolError("the backend refused STARTTLS")
        yield from self._buffer.start_tls()
        self._capabilities = frozenset()  # those in clear may be somebody else's words
        self._raw_capabilities = b""

    def _ask_capabilities(self) -> Dialogue[None]:
        tag = self._tag()
        yield from self._buffer.ask(tag + b" CAPABILITY\r\n")
        yield from self._completion(tag)

    def _log_in(self, credentials: Credentials) -> Dialogue[LoginResult]:
        announcement = self._announcement()
        self._raw_capabilities = b""  # from here on those of the logged-in user count
        tag = self._tag()
        if b"AUTH=PLAIN" in self._capabilities:
            status, text = yield from self._authenticate(tag, credentials, announcement)
        elif credentials.authzid or b"LOGINDISABLED" in self._capabilities:
            raise ProtocolError("the backend offers no AUTH=PLAIN")
        else:
            status, text = yield from self._login(tag, credentials, announcement)
        return self._judge(status, text)

    def _forbid_another_login(self) -> Dialogue[None]:
        """A server may take what it doesn't offer, so it is asked, and has to say BAD or NO.

        One that says OK has forgotten who was in; the session ends with the temporary code.
        """
        offers = _FORGETS in self._capabilities
        if offers or not (yield from self._refuses(_FORGETS)) or _FORGETS in self._capabilities:
            raise ProtocolError(
                "the backend would take UNAUTHENTICATE from this user, and then another login; forbid it "
                "there, or list it in trusted_commands"
            )

    def _refuses(self, command: bytes) -> Dialogue[bool]:
        """Whether a user who is in can't run it. What the server says besides goes on to the user."""
        while len(self._buffer):
            if (yield from self._next_status()) is not None:
                raise AnsweredTooSoon
        yield Send(self._tag() + b" " + command + b"\r\n")
        while (status := (yield from self._next_status())) is None:
            pass
        return status in (b"BAD", b"NO")

    def _next_status(self) -> Dialogue[bytes | None]:
        """That of the answer to the newest command. None for an untagged response, which is kept."""
        response, octets = yield from self._read_octets()
        kind, _, text = response.partition(b" ")
        if kind == b"w%d" % self._number:
            return text.partition(b" ")[0].upper()
        if kind != b"*":
            raise ProtocolError("the backend answered a command that was never sent")
        self._note_untagged(text)
        self._behind += octets
        if len(self._behind) > _MAX_RESPONSE:
            raise ProtocolError("the backend talks without an end")
        return None

    def _announcement(self) -> bytes:
        """ID goes in front of the login in the same packet: nothing in it decides how to log in."""
        if self._client is None or b"ID" not in self._capabilities:
            return b""
        self._announced = self._tag()
        # Dovecot takes these two from a proxy that it trusts; others ignore them.
        told = (self._announced, self._client.address, self._client.port)
        return b'%b ID ("x-originating-ip" "%b" "x-originating-port" "%d")\r\n' % told

    def _authenticate(
        self, tag: bytes, credentials: Credentials, announcement: bytes
    ) -> Dialogue[tuple[bytes, bytes]]:
        response = sasl.encode(sasl.plain(credentials))
        if b"SASL-IR" in self._capabilities:
            yield from self._buffer.ask(announcement + tag + b" AUTHENTICATE PLAIN " + response + b"\r\n")
            return (yield from self._completion(tag))
        yield from self._buffer.ask(announcement + tag + b" AUTHENTICATE PLAIN\r\n")
        return (yield from self._completion(tag, [response]))

    def _login(
        self, tag: bytes, credentials: Credentials, announcement: bytes
    ) -> Dialogue[tuple[bytes, bytes]]:
        command = announcement + tag + b" LOGIN"
        waiting = []
        for argument in (credentials.username, credentials.password):
            if grammar.quotable(argument):
                command += b" " + grammar.quote(argument)
            else:
                waiting.append(command + b" {%d}" % len(argument))
                command = argument
        first, *rest = [*waiting, command]
        yield from self._buffer.ask(first + b"\r\n")
        return (yield from self._completion(tag, rest))

    def _completion(self, tag: bytes, waiting: Sequence[bytes] = ()) -> Dialogue[tuple[bytes, bytes]]:
        """Status and text of the tagged response to `tag`. Each go-ahead sends the next of `waiting`."""
        lines = list(waiting)
        for _ in range(_MAX_RESPONSES):
            response = yield from self._read_response()
            kind, _, text = response.partition(b" ")
            if kind == tag:
                status, _, text = text.partition(b" ")
                if lines and status.upper() == b"OK":
                    raise ProtocolError("the backend said OK before it had the credentials")
                self._note_capabilities(text)
                return status.upper(), text
            if kind == b"+":
                # A challenge that nobody expects is answered by cancelling (RFC 9051, section 6.2.2).
                yield from self._buffer.ask((lines.pop(0) if lines else b"*") + b"\r\n")
            elif kind == b"*":
                self._note_untagged(text)
            elif not kind or kind != self._announced:  # its completion says nothing that matters
                raise ProtocolError("the backend answered a command that was never sent")
        raise ProtocolError("the backend talks without an end")

    def _note_untagged(self, text: bytes) -> None:
        words = text.upper()
        if words.startswith(b"BYE"):
            raise ProtocolError("the backend said goodbye")
        if words.startswith(b"CAPABILITY "):
            self._set_capabilities(text[11:])

    def _note_capabilities(self, text: bytes) -> None:
        """Those of a response code (RFC 9051, section 7.1)."""
        match = _CODE.match(text)
        if match and match[1].upper() == b"CAPABILITY" and match[2]:
            self._set_capabilities(match[2])

    def _set_capabilities(self, raw: bytes) -> None:
        self._raw_capabilities = raw
        self._capabilities = frozenset(raw.upper().split())

    def _read_response(self) -> Dialogue[bytes]:
        """A line and, where it announces literals, the lines behind them. The literals are dropped."""
        return (yield from self._read_octets())[0]

    def _read_octets(self) -> Dialogue[tuple[bytes, bytes]]:
        """The same, and the response as it came."""
        line = yield from self._buffer.read_line(MAX_LINE)
        parts, octets = [], [line + b"\r\n"]
        room = _MAX_RESPONSE
        while literal := grammar.literal_at_end(line):
            size = literal[0]
            room -= len(line) + size
            if room < 0:
                raise ProtocolError("the backend sent a response that is too long")
            parts.append(line[: line.rindex(b"{")])
            octets.append((yield from self._buffer.read_exactly(size)))
            line = yield from self._buffer.read_line(MAX_LINE)
            octets.append(line + b"\r\n")
        return b"".join((*parts, line)), b"".join(octets)

    def _judge(self, status: bytes, text: bytes) -> LoginResult:
        if status == b"OK":
            if self._raw_capabilities and b"[CAPABILITY " not in text.upper():
                text = b"[CAPABILITY " + self._raw_capabilities + b"] " + text
            return LoginResult(Outcome.ACCEPTED, text)
        code = _CODE.match(text)
        if status == b"NO" and not (code and code[1].upper() in _TEMPORARY):
            return LoginResult(Outcome.REJECTED, text)
        return LoginResult(Outcome.UNAVAILABLE, status + b" " + text)

    def _tag(self) -> bytes:
        self._number += 1
        return b"w%d" % self._number
