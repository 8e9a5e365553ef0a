"""Our side towards IMAP clients, up to the login."""

import re

from protocols import sasl
from protocols.attempts import Attempts
from protocols.dialogue import Buffer, Credentials, Dialogue, Outcome, ProtocolError, Send
from protocols.imap import grammar
from protocols.imap.grammar import MAX_COMMAND, MAX_LINE, MAX_LITERAL, Head, Word
from protocols.terms import FrontTerms

_CODES = {  # RFC 5530
    Outcome.REJECTED: b"AUTHENTICATIONFAILED",
    Outcome.APP_PASSWORD_REQUIRED: b"AUTHENTICATIONFAILED",
    Outcome.EXPIRED: b"EXPIRED",
    Outcome.FORBIDDEN: b"AUTHORIZATIONFAILED",
    Outcome.BLOCKED: b"CONTACTADMIN",
    Outcome.LIMITED: b"LIMIT",
    Outcome.UNAVAILABLE: b"UNAVAILABLE",
}
_PASTED_GROUPS = re.compile(rb"[A-Za-z]{4}(?: [A-Za-z]{4}){3}")
_MAX_BAD_COMMANDS = 3
_MAX_ID_PAIRS = 30  # RFC 2971, section 3.3
_NAMES_OF_CLIENT = (b"name", b"version")
_TOO_LONG = b"That is too long: a literal may hold %d bytes, a command %d" % (MAX_LITERAL, MAX_COMMAND)


def front(terms: FrontTerms) -> Dialogue[bytes | None]:
    """Returns what the client sent behind its login, or None when it left without one."""
    return (yield from _Front(terms).run())


class _Front:
    __slots__ = ("_attempts", "_bad", "_buffer", "_client", "_secure", "_terms")

    def __init__(self, terms: FrontTerms) -> None:
        self._terms = terms
        self._secure = terms.tls or not terms.starttls
        self._buffer = Buffer()
        self._attempts = Attempts(self._buffer, terms.failed_logins)
        self._client = b""
        self._bad = 0

    def run(self) -> Dialogue[bytes | None]:
        yield Send(b"* OK [CAPABILITY " + self._capabilities() + b"] Wicketgate ready.\r\n")
        try:
            while self._bad < _MAX_BAD_COMMANDS:
                line = yield from self._buffer.read_line(MAX_LINE)
                head = grammar.parse_head(line)
                if head is None:
                    yield from grammar.read_parts(self._buffer, line, go_ahead=False)
                    yield from self._bad_command(b"*", b"A command is a tag, a name and arguments")
                elif head.name == b"LOGOUT":
                    yield Send(b"* BYE Logging out\r\n" + head.tag + b" OK Logged out\r\n")
                    return None
                elif (yield from self._command(head)):
                    return self._buffer.take()
            yield Send(b"* BYE Too many bad commands\r\n")
        except ProtocolError as error:
            yield Send(b"* BYE " + error.sentence() + b"\r\n")
            raise
        return None

    def _capabilities(self) -> bytes:
        if self._secure:
            return b"IMAP4rev1 SASL-IR LITERAL- ID AUTH=PLAIN AUTH=LOGIN"
        return b"IMAP4rev1 LITERAL- ID STARTTLS LOGINDISABLED"

    def _command(self, head: Head) -> Dialogue[bool]:
        """Carry out one command. True once the client is logged in."""
        refuse_secrets = head.name in (b"LOGIN", b"AUTHENTICATE") and not self._secure
        parts = yield from grammar.read_parts(self._buffer, head.rest, go_ahead=not refuse_secrets)
        if refuse_secrets:
            yield Send(head.tag + b" NO [PRIVACYREQUIRED] Start TLS first, then log in\r\n")
        elif parts is None:
            yield from self._bad_command(head.tag, _TOO_LONG)
        elif head.name == b"LOGIN":
            return (yield from self._login(head.tag, parts))
        elif head.name == b"AUTHENTICATE":
            return (yield from self._authenticate(head.tag, parts))
        elif head.name == b"ID":
            yield from self._id(head.tag, parts)
        elif b"".join(parts).strip(b" "):
            yield from self._bad_command(head.tag, b"Unknown command, or arguments that it doesn't take")
        else:
            yield from self._plain_command(head)
        return False

    def _plain_command(self, head: Head) -> Dialogue[None]:
        """The commands without arguments."""
        if head.name == b"CAPABILITY":
            answer = b"* CAPABILITY " + self._capabilities() + b"\r\n"
            yield Send(answer + head.tag + b" OK Capability completed\r\n")
        elif head.name == b"NOOP":
            yield Send(head.tag + b" OK Nothing done\r\n")
        elif head.name == b"STARTTLS":
            yield from self._starttls(head.tag)
        else:
            yield from self._bad_command(head.tag, b"Log in first: this command is unknown before the login")

    def _starttls(self, tag: bytes) -> Dialogue[None]:
        if self._secure:
            has_it = self._terms.tls or self._terms.starttls
            reason = b"TLS is already on" if has_it else b"This listener has no TLS"
            yield from self._bad_command(tag, reason)
            return
        yield from self._buffer.start_tls(tag + b" OK Begin TLS negotiation now\r\n")
        # What was said in clear may have been said by somebody else (RFC 9051, section 6.2.1).
        self._secure, self._client, self._bad = True, b"", 0

    def _id(self, tag: bytes, parts: list[bytes]) -> Dialogue[None]:
        pairs = grammar.strings(parts)
        if pairs is None or len(pairs) % 2 or len(pairs) > 2 * _MAX_ID_PAIRS:
            yield from self._bad_command(tag, b'ID takes NIL or a list such as ("name" "x" "version" "1")')
            return
        told = {
            key.lower(): value for key, value in zip(pairs[::2], pairs[1::2], strict=True) if key and value
        }
        self._client = b" ".join(told[name] for name in _NAMES_OF_CLIENT if name in told)
        yield Send(b'* ID ("name" "Wicketgate")\r\n' + tag + b" OK ID completed\r\n")

    def _login(self, tag: bytes, parts: list[bytes]) -> Dialogue[bool]:
        arguments = grammar.words(parts)
        if arguments is None or len(arguments) < 2:
            yield from self._bad_command(tag, b"LOGIN takes a user name and a password")
            return False
        username, *rest = arguments
        password = rest[0].value if len(rest) == 1 else _pasted(rest)
        if password is None:
            yield from self._bad_command(tag, b"Too many arguments. Put the password in quotes")
            return False
        return (yield from self._log_in(tag, Credentials(username.value, password)))

    def _authenticate(self, tag: bytes, parts: list[bytes]) -> Dialogue[bool]:
        arguments = grammar.words(parts)
        if arguments is None or len(arguments) not in (1, 2):
            yield from self._bad_command(tag, b"AUTHENTICATE takes a mechanism and, if wanted, a response")
            return False
        mechanism = arguments[0].value.upper()
        if mechanism not in sasl.MECHANISMS:
            self._bad += 1
            yield Send(tag + b" NO [CANNOT] The mechanisms offered are PLAIN and LOGIN\r\n")
            return False
        initial = arguments[1].value if len(arguments) == 2 else None
        credentials = yield from sasl.exchange(mechanism, initial, self._ask)
        if isinstance(credentials, sasl.Malformed):
            yield from self._bad_command(tag, credentials.value)
            return False
        return (yield from self._log_in(tag, credentials))

    def _ask(self, challenge: bytes) -> Dialogue[bytes]:
        yield Send(b"+ " + sasl.encode(challenge) + b"\r\n")
        return (yield from self._buffer.read_line(MAX_LINE))

    def _log_in(self, tag: bytes, credentials: Credentials) -> Dialogue[bool]:
        result = yield from self._attempts.log_in(credentials, self._client)
        if result.outcome is Outcome.ACCEPTED:
            yield Send(tag + b" OK " + result.text + b"\r\n")
            return True
        yield Send(tag + b" NO [" + _CODES[result.outcome] + b"] " + result.text + b"\r\n")
        self._attempts.end_if_due()
        return False

    def _bad_command(self, tag: bytes, reason: bytes) -> Dialogue[None]:
        self._bad += 1
        yield Send(tag + b" BAD " + reason + b"\r\n")


def _pasted(words: list[Word]) -> bytes | None:
    """An app password that a script pasted with its spaces and without quotes."""
    joined = b" ".join(word.value for word in words)
    return joined if all(word.bare for word in words) and _PASTED_GROUPS.fullmatch(joined) else None
