"""The demo's IMAP server: Twisted's, on loopback, in front of mail in memory.

Nothing here installs or imports a reactor.
"""

# ruff: noqa: N802, N815 - Twisted calls by these names.
from collections.abc import Callable
from typing import Any

from twisted.cred import checkers, credentials, error, portal
from twisted.internet import protocol
from twisted.mail import imap4
from zope.interface import implementer

from gateway.demo.accounts import Accounts
from gateway.demo.imap_session import Session
from gateway.demo.mailbox import Account


def listen(reactor: Any, host: str, port: int, accounts: Accounts) -> Any:
    """Serve IMAP without TLS on `host` and `port` (0: a free one), for loopback only.

    Returns Twisted's IListeningPort: `.getHost().port` is the port, `.stopListening()` ends it. Raises
    twisted.internet.error.CannotListenError.
    """
    return reactor.listenTCP(port, Factory(accounts), interface=host)


class Factory(protocol.Factory):  # type: ignore[misc]
    """Makes a session for each connection."""

    noisy = False

    def __init__(self, accounts: Accounts) -> None:
        self._portal = portal.Portal(Realm(), [Passwords(accounts)])

    def buildProtocol(self, addr: Any) -> Session:
        del addr
        session = Session({b"PLAIN": Plain})
        session.portal = self._portal
        session.factory = self
        return session


@implementer(portal.IRealm)
class Realm:
    """Hands the account that the password opened to the session."""

    def requestAvatar(
        self, account: Account, mind: Any, *interfaces: Any
    ) -> tuple[Any, Account, Callable[[], None]]:
        del mind, interfaces
        return imap4.IAccount, account, lambda: None


@implementer(checkers.ICredentialsChecker)
class Passwords:
    """Asks the accounts whether a password opens one."""

    credentialInterfaces = (credentials.IUsernamePassword,)

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def requestAvatarId(self, given: Any) -> Account:
        """The account itself stands for its name. Raises UnauthorizedLogin."""
        account = self._accounts.log_in(given.username, given.password)
        if account is None:
            raise error.UnauthorizedLogin
        return account


class Plain(imap4.PLAINCredentials):  # type: ignore[misc]
    """SASL PLAIN, where nobody may ask to be somebody else (RFC 4616, 2)."""

    def setResponse(self, response: bytes) -> None:
        super().setResponse(response)
        acts_as = response.partition(b"\0")[0]
        if acts_as not in (b"", self.username):
            raise imap4.IllegalClientResponse("you can't act as another user")
