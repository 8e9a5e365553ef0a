"""An INBOX as one POP3 session has it open (RFC 1939, sections 4 and 5)."""

# ruff: noqa: N802 - Twisted's server calls a maildrop by these names.
from collections.abc import Iterator

from twisted.mail.interfaces import IMailboxPOP3
from zope.interface import implementer

from gateway.demo.folder import Folder
from gateway.demo.message import Message


@implementer(IMailboxPOP3)
class Maildrop:
    """The messages that were there at the login, numbered from 1; those to be deleted go at the end."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._uids = list(folder.messages)
        self._deleted: set[int] = set()

    def numbered(self) -> Iterator[tuple[int, Message]]:
        """All that are not deleted, with their numbers."""
        for number, uid in enumerate(self._uids, 1):
            if uid in self._folder.messages and uid not in self._deleted:
                yield number, self._folder.messages[uid]

    def message(self, number: int) -> Message:
        """Raises ValueError if there is none with the number, or it is deleted."""
        for known, message in self.numbered():
            if known == number:
                return message
        raise ValueError("There is no message with this number")

    def unique_id(self, message: Message) -> bytes:
        """It outlives the session, and no other message ever has it (RFC 1939, section 7, UIDL)."""
        return b"%d.%d" % (self._folder.uid_validity, message.uid)

    def delete(self, number: int) -> None:
        """Mark it. Raises ValueError if there is none with the number, or it is deleted."""
        self._deleted.add(self.message(number).uid)

    def undeleteMessages(self) -> None:
        self._deleted.clear()

    def sync(self) -> None:
        """Delete what is marked. Twisted calls this at QUIT, and not when the connection breaks."""
        self._folder.remove(self._deleted & self._folder.messages.keys())
        self._deleted.clear()
