"""The demo's submission server: aiosmtpd, on loopback.

It delivers into the demo's mailboxes and nowhere else, octet for octet.
"""

# ruff: noqa: N802 - aiosmtpd finds commands and mechanisms by these names.
import asyncio
import logging
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, Session

from gateway.demo.accounts import Accounts
from protocols import sasl

_LARGEST_MESSAGE = 20 * 1024 * 1024
_NOBODY = "550 5.1.1 Nobody has this address; the demo delivers to its own users and relays nothing"


async def listen(host: str, port: int, accounts: Accounts) -> asyncio.Server:
    """Serve SMTP without TLS on `host` and `port` (0: a free one), for loopback only. Raises OSError."""
    # It warns of a name that its own code uses, at each login.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Server(Delivery(accounts), loop), host, port)


class _Server(SMTP):
    """One connection."""

    # Scanners and scripts send longer lines than the 1000 octets of RFC 5321, section 4.5.3.1.6.
    line_length_limit = 64 * 1024

    def __init__(self, delivery: "Delivery", loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(
            delivery,
            data_size_limit=_LARGEST_MESSAGE,
            enable_SMTPUTF8=True,
            hostname="localhost",  # left out, it would be looked up
            ident="Wicketgate's demo mail server is ready",
            auth_require_tls=False,
            auth_exclude_mechanism=["LOGIN"],
            loop=loop,
        )


class Delivery:
    """What aiosmtpd asks in a session: who may submit, who receives, and where messages go."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def auth_PLAIN(self, server: SMTP, arguments: list[str]) -> AuthResult:
        """aiosmtpd's own ignores whom the client asks to be (RFC 4616, section 2)."""
        if len(arguments) == 1:
            message: Any = await server.challenge_auth("")
        else:
            message = sasl.decode(arguments[1].encode("utf-8", "replace"))
        if message is MISSING:
            return AuthResult(success=False)  # the client was told why
        given = message if isinstance(message, sasl.Malformed) else sasl.parse_plain(message)
        if isinstance(given, sasl.Malformed):
            return AuthResult(success=False, handled=False, message=f"501 5.5.2 {given.value.decode()}")
        if self._accounts.log_in(given.username, given.password) is None:
            return AuthResult(success=False, handled=False)
        return AuthResult(success=True)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        if self._accounts.receiver(address) is None:
            return _NOBODY
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Deliver to all recipients, or to none: a client would send it to all of them again."""
        del server, session
        accounts = [self._accounts.receiver(address) for address in envelope.rcpt_tos]
        inboxes = [account.inbox for account in dict.fromkeys(accounts) if account is not None]
        if any(inbox.full for inbox in inboxes):
            return "452 4.2.2 A mailbox is full; delete messages in it first"
        for inbox in inboxes:
            inbox.add(envelope.original_content or b"")
        return "250 2.0.0 Delivered"
