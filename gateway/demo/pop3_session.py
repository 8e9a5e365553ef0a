"""One POP3 session of the demo's mail server: Twisted's, made to keep the RFCs where clients rely on it."""

# ruff: noqa: N802, N815 - Twisted finds commands and states by these names.
import re
from collections.abc import Callable
from io import BytesIO
from itertools import islice
from typing import Any

from twisted.cred import error
from twisted.mail import pop3

from gateway.demo.accounts import Accounts
from gateway.demo.maildrop import Maildrop
from protocols import sasl

_CAPABILITIES = [b"TOP", b"USER", b"UIDL", b"PIPELINING", b"SASL PLAIN"]
_LOGINS = (b"USER", b"PASS", b"AUTH")
# After a bare LF too: a client that ends lines there must not find the end of the message in the middle.
_DOTS = re.compile(rb"^\.", re.MULTILINE)


class Session(pop3.POP3):  # type: ignore[misc]
    """One connection. Overrides what Twisted answers differently from RFC 1939, 2449 and 5034."""

    magic = b"Wicketgate's demo mail server is ready"  # no timestamp in angle brackets: no APOP
    do_APOP = do_RPOP = do_LAST = None  # and what no standard has any more

    mbox: Maildrop | None = None

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def processCommand(self, command: bytes, *arguments: bytes) -> None:
        # Twisted takes a login at any time; it belongs before the first one (RFC 1939, section 4).
        if self.mbox is not None and command.upper() in _LOGINS:
            self.failResponse(b"You are logged in already")
            return
        if self.mbox is None and command.upper() not in self.AUTH_CMDS:
            self.failResponse(b"Log in first")
            return
        try:
            super().processCommand(command, *arguments)
        except (pop3.POP3Error, TypeError, ValueError) as wrong:
            # Twisted writes these to the log, each with a traceback.
            told = (
                str(wrong) if type(wrong) is ValueError else "This command or its arguments are unknown here"
            )
            self.failResponse(told)

    def listCapabilities(self) -> list[bytes]:
        return _CAPABILITIES

    # The login.

    def authenticateUserPASS(self, user: bytes, password: bytes) -> tuple[Any, Maildrop, Callable[[], None]]:
        account = self._accounts.log_in(user, password)
        if account is None:
            raise error.UnauthorizedLogin
        return pop3.IMailbox, Maildrop(account.inbox), lambda: None

    def do_AUTH(self, mechanism: bytes = b"", initial: bytes | None = None) -> None:
        """PLAIN alone, with or without an initial response (RFC 5034, section 4)."""
        if mechanism.upper() != b"PLAIN":
            self.failResponse(b"The mechanism offered is PLAIN")
        elif initial is None:
            self.sendLine(b"+ ")
            self.state = "AUTH"
        else:
            self.state_AUTH(initial)

    def state_AUTH(self, line: bytes) -> None:
        self.state = "COMMAND"
        message = sasl.decode(line)
        given = message if isinstance(message, sasl.Malformed) else sasl.parse_plain(message)
        if isinstance(given, sasl.Malformed):
            self.failResponse(given.value)
        else:
            self._userIs = given.username
            self.do_PASS(given.password)

    # Messages: Twisted's answers count the deleted ones, and change the line ends of the others.

    def do_STAT(self) -> None:
        sizes = [message.getSize() for _, message in self._open().numbered()]
        self.successResponse(b"%d %d" % (len(sizes), sum(sizes)))

    def do_LIST(self, number: bytes | None = None) -> None:
        self._tell_of(number, lambda message: b"%d" % message.getSize())

    def do_UIDL(self, number: bytes | None = None) -> None:
        self._tell_of(number, self._open().unique_id)

    def _tell_of(self, number: bytes | None, told: Callable[[Any], bytes]) -> None:
        if number is not None:
            wanted = _number(number)
            self.successResponse(b"%d %b" % (wanted, told(self._open().message(wanted))))
            return
        self.successResponse(b"")
        for one, message in self._open().numbered():
            self.sendLine(b"%d %b" % (one, told(message)))
        self.sendLine(b".")

    def do_RETR(self, number: bytes) -> None:
        octets = self._open().message(_number(number)).octets
        self.successResponse(b"%d octets" % len(octets))
        self._send(octets)

    def do_TOP(self, number: bytes, lines: bytes) -> None:
        root, most = self._open().message(_number(number)).root(), _number(lines)
        self.successResponse(b"")
        self._send(root.header + b"".join(islice(BytesIO(root.body), most)))

    def _send(self, octets: bytes) -> None:
        ended = octets if octets.endswith(b"\r\n") else octets + b"\r\n"
        self.transport.write(_DOTS.sub(b"..", ended) + b".\r\n")

    def do_DELE(self, number: bytes) -> None:
        self._open().delete(_number(number))
        self.successResponse(b"")

    def _open(self) -> Maildrop:
        assert self.mbox is not None, "Twisted asks for a login before these commands"
        return self.mbox


def _number(digits: bytes) -> int:
    if not re.fullmatch(rb"[0-9]{1,9}", digits):
        raise ValueError("This takes a number")
    return int(digits)
