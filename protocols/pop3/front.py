"""Our side towards POP3 clients, up to the login."""

from protocols import sasl
from protocols.attempts import Attempts
from protocols.dialogue import Buffer, Credentials, Dialogue, Outcome, ProtocolError, Send
from protocols.pop3 import capabilities
from protocols.terms import FrontTerms

_TEMPORARY = (Outcome.LIMITED, Outcome.UNAVAILABLE)
_MAX_LINE = sasl.MAX_RESPONSE + len(b"AUTH PLAIN ")
_MAX_BAD_COMMANDS = 3
_LATER = frozenset(b"STAT LIST RETR DELE NOOP RSET TOP UIDL UTF8 LANG".split())


def front(terms: FrontTerms) -> Dialogue[bytes | None]:
    """Returns what the client sent behind its login, or None when it left without one."""
    return (yield from _Front(terms).run())


class _Front:
    __slots__ = ("_attempts", "_bad", "_buffer", "_secure", "_terms", "_username")

    def __init__(self, terms: FrontTerms) -> None:
        self._terms = terms
        self._secure = terms.tls or not terms.starttls
        self._buffer = Buffer()
        self._attempts = Attempts(self._buffer, terms.failed_logins)
        self._username: bytes | None = None
        self._bad = 0

    def run(self) -> Dialogue[bytes | None]:
        yield Send(b"+OK Wicketgate ready.\r\n")
        try:
            while self._bad < _MAX_BAD_COMMANDS:
                line = yield from self._buffer.read_line(_MAX_LINE)
                # What stands behind USER and PASS is taken as it is: names and passwords may have spaces.
                verb, _, argument = line.partition(b" ")
                verb = verb.upper()
                if verb == b"QUIT":
                    yield Send(b"+OK Goodbye\r\n")
                    return None
                if (yield from self._command(verb, argument)):
                    return self._buffer.take()
            yield Send(b"-ERR Too many bad commands\r\n")
        except ProtocolError as error:
            yield Send(b"-ERR " + error.sentence() + b"\r\n")
            raise
        return None

    def _command(self, verb: bytes, argument: bytes) -> Dialogue[bool]:
        """Carry out one command. True once the client is logged in."""
        if verb in (b"USER", b"PASS", b"AUTH") and not self._secure:
            # No secret is asked for or waited for (RFC 2595, section 2.1).
            yield from self._refuse(b"Start TLS first, then log in")
        elif verb == b"CAPA":
            lines = capabilities.announced(self._terms.offered, self._secure)
            yield Send(b"+OK\r\n" + b"".join(line + b"\r\n" for line in lines) + b".\r\n")
        elif verb == b"USER":
            yield from self._user(argument)
        elif verb == b"PASS":
            return (yield from self._pass(argument))
        elif verb == b"AUTH":
            return (yield from self._auth(argument.strip(b" ")))
        elif verb == b"STLS":
            yield from self._stls(argument.strip(b" "))
        elif verb in _LATER:
            yield from self._refuse(b"Log in first: this command is for after the login")
        else:
            yield from self._refuse(b"Unknown command. Log in with USER and PASS, or with AUTH")
        return False

    def _refuse(self, reason: bytes) -> Dialogue[None]:
        self._bad += 1
        yield Send(b"-ERR " + reason + b"\r\n")

    def _stls(self, argument: bytes) -> Dialogue[None]:
        if argument:
            yield from self._refuse(b"STLS takes no argument")
            return
        if self._secure:
            has_it = self._terms.tls or self._terms.starttls
            yield from self._refuse(b"TLS is already on" if has_it else b"This listener has no TLS")
            return
        yield from self._buffer.start_tls(b"+OK Begin TLS negotiation now\r\n")
        # What was said in clear may have been said by somebody else (RFC 2595, section 4).
        self._secure, self._username, self._bad = True, None, 0

    def _user(self, username: bytes) -> Dialogue[None]:
        if not username:
            yield from self._refuse(b"USER takes a user name")
            return
        self._username = username
        yield Send(b"+OK Now the password\r\n")

    def _pass(self, password: bytes) -> Dialogue[bool]:
        username, self._username = self._username, None
        if username is None:
            yield from self._refuse(b"USER comes before PASS")
            return False
        return (yield from self._log_in(Credentials(username, password)))

    def _auth(self, argument: bytes) -> Dialogue[bool]:
        self._username = None  # PASS follows on USER at once (RFC 1939, section 7), never on another login
        if not argument:
            # Old clients ask so what there is, before RFC 5034 gave AUTH an argument.
            names = b"".join(name + b"\r\n" for name in sasl.MECHANISMS)
            yield Send(b"+OK\r\n" + names + b".\r\n")
            return False
        mechanism, *initial = argument.split(b" ")
        if mechanism.upper() not in sasl.MECHANISMS:
            yield from self._refuse(b"The mechanisms offered are PLAIN and LOGIN")
            return False
        if len(initial) > 1:
            yield from self._refuse(b"AUTH takes a mechanism and, if wanted, a response")
            return False
        response = initial[0] if initial else None
        credentials = yield from sasl.exchange(mechanism.upper(), response, self._ask)
        if isinstance(credentials, sasl.Malformed):
            yield from self._refuse(credentials.value)
            return False
        return (yield from self._log_in(credentials))

    def _ask(self, challenge: bytes) -> Dialogue[bytes]:
        yield Send(b"+ " + sasl.encode(challenge) + b"\r\n")
        return (yield from self._buffer.read_line(_MAX_LINE))

    def _log_in(self, credentials: Credentials) -> Dialogue[bool]:
        result = yield from self._attempts.log_in(credentials, b"")
        if result.outcome is Outcome.ACCEPTED:
            yield Send(b"+OK " + (result.text or b"Logged in") + b"\r\n")
            return True
        # RFC 3206: AUTH says that the credentials are at fault, SYS/TEMP that they are not.
        code = b"[SYS/TEMP] " if result.outcome in _TEMPORARY else b"[AUTH] "
        yield Send(b"-ERR " + code + result.text + b"\r\n")
        self._attempts.end_if_due()
        return False
