"""The demo's POP3 server: Twisted's, on loopback, in front of everybody's INBOX.

Import it only when there is a reactor: Twisted's POP3 server installs one of its own choice otherwise.
"""

# ruff: noqa: N802 - Twisted calls by this name.
from typing import Any

from twisted.internet import protocol

from gateway.demo.accounts import Accounts
from gateway.demo.pop3_session import Session


def listen(reactor: Any, host: str, port: int, accounts: Accounts) -> Any:
    """Serve POP3 without TLS on `host` and `port` (0: a free one), for loopback only.

    Returns Twisted's IListeningPort: `.getHost().port` is the port, `.stopListening()` ends it. Raises
    twisted.internet.error.CannotListenError.
    """
    return reactor.listenTCP(port, Factory(accounts), interface=host)


class Factory(protocol.Factory):  # type: ignore[misc]
    """Makes a session for each connection."""

    noisy = False

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def buildProtocol(self, addr: Any) -> Session:
        del addr
        session = Session(self._accounts)
        session.factory = self
        return session
