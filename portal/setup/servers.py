"""The servers that a user's programs reach, and the user's names there."""

from collections.abc import Collection
from dataclasses import dataclass

from config import ClientSettings, ProtocolName, Settings, client_settings
from store.model import User

_INCOMING: tuple[ProtocolName, ...] = ("imap", "pop3")


@dataclass(frozen=True, slots=True)
class Servers:
    """One for each protocol: the best that is offered."""

    by_protocol: dict[ProtocolName, ClientSettings]

    @property
    def incoming(self) -> ClientSettings | None:
        """IMAP before POP3."""
        return next((self.by_protocol[one] for one in _INCOMING if one in self.by_protocol), None)

    @property
    def outgoing(self) -> ClientSettings | None:
        return self.by_protocol.get("smtp")


def servers(settings: Settings, scopes: Collection[ProtocolName]) -> Servers:
    """Those of these protocols. Without TLS there is none: an app password would be sent in the clear."""
    best: dict[ProtocolName, ClientSettings] = {}
    for one in client_settings(settings):  # TLS from the first byte comes first
        if one.protocol in scopes and one.security != "none":
            best.setdefault(one.protocol, one)
    return Servers(best)


def mail_address(user: User) -> str:
    """The login where it is one, else the first alias that is; empty for neither."""
    return next((name for name in (user.login, *user.aliases) if "@" in name), "")
