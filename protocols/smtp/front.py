"""Our side towards clients that submit messages, up to the login."""

import re
from collections.abc import Sequence

from protocols import sasl
from protocols.attempts import Attempts
from protocols.dialogue import Buffer, Credentials, Dialogue, Outcome, ProtocolError, Send
from protocols.smtp.extensions import MECHANISMS, repeated
from protocols.terms import FrontTerms

_CODES = {  # RFC 4954, section 6, with the enhanced codes of RFC 3463 and IANA's registry
    Outcome.REJECTED: b"535 5.7.8 ",
    Outcome.APP_PASSWORD_REQUIRED: b"534 5.7.9 ",
    Outcome.EXPIRED: b"535 5.7.8 ",
    Outcome.FORBIDDEN: b"535 5.7.1 ",
    Outcome.BLOCKED: b"535 5.7.13 ",
    Outcome.LIMITED: b"454 4.7.0 ",
    Outcome.UNAVAILABLE: b"454 4.7.0 ",
}
_WELCOME = b"2.7.0 Authentication successful"
_MAX_LINE = sasl.MAX_RESPONSE + len(b"AUTH PLAIN ")
_MAX_LONG_LINE = 65536  # a line up to here is refused, beyond it the connection ends
_MAX_STRANGE_COMMANDS = 3  # who speaks something else than SMTP
_MAX_EARLY_COMMANDS = 20  # who speaks it too soon
_CHUNK_SIZE = re.compile(rb"([0-9]{1,10})(?: +LAST)?", re.IGNORECASE)
_MAX_EARLY_CHUNK = 65536
# What a client may rightly send, but only after the login.
_EARLY = frozenset(b"MAIL RCPT DATA VRFY EXPN ETRN BURL SEND SOML SAML TURN XCLIENT XFORWARD".split())


def front(terms: FrontTerms) -> Dialogue[bytes | None]:
    """Returns what the client sent behind its login, or None when it left without one."""
    return (yield from _Front(terms).run())


class _Front:
    __slots__ = ("_attempts", "_buffer", "_early", "_helo", "_secure", "_strange", "_terms")

    def __init__(self, terms: FrontTerms) -> None:
        self._terms = terms
        self._secure = terms.tls or not terms.starttls
        self._buffer = Buffer()
        self._attempts = Attempts(self._buffer, terms.failed_logins)
        self._helo = b""
        self._strange = self._early = 0

    def run(self) -> Dialogue[bytes | None]:
        yield Send(b"220 " + self._terms.host + b" ESMTP Wicketgate ready\r\n")
        try:
            while self._strange < _MAX_STRANGE_COMMANDS and self._early < _MAX_EARLY_COMMANDS:
                line = yield from self._read_line()
                if line is None:
                    continue
                verb, _, argument = line.partition(b" ")
                verb, argument = verb.upper(), argument.strip(b" ")
                if verb == b"QUIT":
                    yield Send(b"221 2.0.0 Goodbye\r\n")
                    return None
                if (yield from self._command(verb, argument)):
                    return self._buffer.take()
            yield Send(b"421 4.7.0 Too many bad commands\r\n")
        except ProtocolError as error:
            yield Send(b"421 4.7.0 " + error.sentence() + b"\r\n")
            raise
        return None

    def _read_line(self) -> Dialogue[bytes | None]:
        """The next line; None for one that was too long, which has been answered."""
        line = yield from self._buffer.read_line(_MAX_LONG_LINE)
        if len(line) <= _MAX_LINE:
            return line
        yield from self._refuse_strange(b"500 5.5.6 That line is too long: %d bytes are allowed" % _MAX_LINE)
        return None

    def _command(self, verb: bytes, argument: bytes) -> Dialogue[bool]:
        """Carry out one command. True once the client is logged in."""
        if verb == b"EHLO":
            yield from self._ehlo(argument)
        elif verb == b"HELO":
            self._helo = argument
            yield Send(b"250 " + self._terms.host + b"\r\n")
        elif verb == b"AUTH":
            return (yield from self._auth(argument))
        elif verb == b"STARTTLS":
            yield from self._starttls(argument)
        elif verb in (b"NOOP", b"RSET"):
            yield Send(b"250 2.0.0 Nothing done\r\n")
        elif verb == b"HELP":
            yield Send(b"214 2.0.0 Log in with AUTH PLAIN or AUTH LOGIN; more is available after it\r\n")
        elif verb == b"BDAT":
            yield from self._bdat(argument)
        elif verb in _EARLY:
            yield from self._refuse_early()
        else:
            yield from self._refuse_strange(self._first())
        return False

    def _first(self) -> bytes:
        """What has to come first: RFC 3207, section 4, and RFC 4954, section 6."""
        if self._secure:
            return b"530 5.7.0 Authentication required: log in first"
        return b"530 5.7.0 Must issue a STARTTLS command first, then log in"

    def _refuse_early(self) -> Dialogue[None]:
        self._early += 1
        yield Send(self._first() + b"\r\n")

    def _bdat(self, argument: bytes) -> Dialogue[None]:
        """A chunk comes right behind its command, whatever the answer (RFC 3030, section 2).

        So it is read and thrown away: the octets of a message must never be run as commands.
        """
        size = _CHUNK_SIZE.fullmatch(argument)
        if size is None or int(size[1]) > _MAX_EARLY_CHUNK:
            raise ProtocolError("a chunk of a message before the login")
        yield from self._buffer.read_exactly(int(size[1]))
        yield from self._refuse_early()

    def _refuse_strange(self, refusal: bytes) -> Dialogue[None]:
        self._strange += 1
        yield Send(refusal + b"\r\n")

    def _ehlo(self, name: bytes) -> Dialogue[None]:
        """No client is refused for its name, nor for having none: many have nothing good to say."""
        self._helo = name
        lines = [self._terms.host, *repeated(self._terms.offered)]
        if self._secure:
            # Old clients know AUTH= alone.
            lines += [b"AUTH " + MECHANISMS, b"AUTH=" + MECHANISMS]
        else:
            lines.append(b"STARTTLS")
        yield Send(_reply(b"250", lines))

    def _starttls(self, argument: bytes) -> Dialogue[None]:
        if argument:
            yield from self._refuse_strange(b"501 5.5.4 STARTTLS takes no argument")
        elif self._secure:
            has_it = self._terms.tls or self._terms.starttls
            reason = b"503 5.5.1 TLS is already on" if has_it else b"502 5.5.1 This listener has no TLS"
            yield from self._refuse_strange(reason)
        else:
            yield from self._buffer.start_tls(b"220 2.0.0 Ready to start TLS\r\n")
            # What was said in clear may have been said by somebody else (RFC 3207, section 4.2).
            self._secure, self._helo, self._strange, self._early = True, b"", 0, 0

    def _auth(self, argument: bytes) -> Dialogue[bool]:
        mechanism, *initial = argument.split(b" ")
        if not self._secure:
            yield from self._refuse_early()
        elif not mechanism or len(initial) > 1:
            yield from self._refuse_strange(b"501 5.5.4 AUTH takes a mechanism and, if wanted, a response")
        elif mechanism.upper() not in sasl.MECHANISMS:
            yield from self._refuse_strange(b"504 5.5.4 The mechanisms offered are PLAIN and LOGIN")
        else:
            return (yield from self._authenticate(mechanism.upper(), initial[0] if initial else None))
        return False

    def _authenticate(self, mechanism: bytes, initial: bytes | None) -> Dialogue[bool]:
        credentials = yield from sasl.exchange(mechanism, initial, self._ask)
        if isinstance(credentials, sasl.Malformed):
            code = b"500 5.5.6 " if credentials is sasl.Malformed.TOO_LONG else b"501 5.5.2 "
            yield from self._refuse_strange(code + credentials.value)
            return False
        return (yield from self._log_in(credentials))

    def _ask(self, challenge: bytes) -> Dialogue[bytes]:
        yield Send(b"334 " + sasl.encode(challenge) + b"\r\n")
        return (yield from self._buffer.read_line(_MAX_LONG_LINE))

    def _log_in(self, credentials: Credentials) -> Dialogue[bool]:
        result = yield from self._attempts.log_in(credentials, self._helo)
        if result.outcome is Outcome.ACCEPTED:
            yield Send(b"235 " + (result.text or _WELCOME) + b"\r\n")
            return True
        # Never 503: Python's smtplib takes that for "already logged in".
        yield Send(_CODES[result.outcome] + result.text + b"\r\n")
        self._attempts.end_if_due()
        return False


def _reply(code: bytes, lines: Sequence[bytes]) -> bytes:
    *first, last = lines
    return b"".join(code + b"-" + line + b"\r\n" for line in first) + code + b" " + last + b"\r\n"
