"""The demo's mail server: Twisted's IMAP server on loopback, in front of mail in memory.

Nothing here installs or imports a reactor.
"""

# ruff: noqa: N802, N815 - Twisted calls by these names.
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from twisted.cred import checkers, credentials, error, portal
from twisted.internet import protocol
from twisted.mail import imap4
from zope.interface import implementer

from gateway.demo.imap_session import Session
from gateway.demo.mailbox import Account


def listen(reactor: Any, host: str, port: int, users: Mapping[str, str], shared_password: str) -> Any:
    """Serve IMAP without TLS on `host` and `port` (0: a free one), for loopback only.

    A user of `users` (login: main password) logs in with the main password or with the shared
    password that the gateway uses. Returns Twisted's IListeningPort: `.getHost().port` is the port,
    `.stopListening()` ends it. Raises twisted.internet.error.CannotListenError.
    """
    return reactor.listenTCP(port, Factory(Passwords(users, shared_password)), interface=host)


class Factory(protocol.Factory):  # type: ignore[misc]
    """Makes a session for each connection; the users' mail is kept here."""

    noisy = False

    def __init__(self, passwords: "Passwords") -> None:
        self._portal = portal.Portal(Accounts(), [passwords])

    def buildProtocol(self, addr: Any) -> Session:
        del addr
        session = Session({b"PLAIN": Plain})
        session.portal = self._portal
        session.factory = self
        return session


@implementer(portal.IRealm)
class Accounts:
    """The account of each user, made at the first login and kept until the demo ends."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}

    def requestAvatar(
        self, login: str, mind: Any, *interfaces: Any
    ) -> tuple[Any, Account, Callable[[], None]]:
        del mind, interfaces
        if login not in self._accounts:
            self._accounts[login] = Account(login)
        return imap4.IAccount, self._accounts[login], lambda: None


@implementer(checkers.ICredentialsChecker)
class Passwords:
    """Knows the users' main passwords and the one that the gateway uses for all of them."""

    credentialInterfaces = (credentials.IUsernamePassword,)

    def __init__(self, users: Mapping[str, str], shared_password: str) -> None:
        self._users = {login.casefold(): password.encode() for login, password in users.items()}
        self._shared = shared_password.encode()

    def requestAvatarId(self, given: Any) -> str:
        """The user's name in lower case. Raises UnauthorizedLogin."""
        login: str = given.username.decode("utf-8", "replace").casefold()
        for known in (self._users.get(login), self._shared):
            if login in self._users and known and hmac.compare_digest(known, given.password):
                return login
        raise error.UnauthorizedLogin


class Plain(imap4.PLAINCredentials):  # type: ignore[misc]
    """SASL PLAIN, where nobody may ask to be somebody else (RFC 4616, 2)."""

    def setResponse(self, response: bytes) -> None:
        super().setResponse(response)
        acts_as = response.partition(b"\0")[0]
        if acts_as not in (b"", self.username):
            raise imap4.IllegalClientResponse("you can't act as another user")
