"""A folder of mail in memory, and what one session sees of it."""

# ruff: noqa: N802 - Twisted's server calls a mailbox by these names.
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from twisted.mail import imap4
from zope.interface import implementer

from gateway.demo.message import Message
from gateway.demo.search import Candidate, Tokens, matches

FLAGS = ("\\Answered", "\\Deleted", "\\Draft", "\\Flagged", "\\Seen")
_MOST_MESSAGES = 10_000


@dataclass(slots=True, eq=False)
class Folder:
    """The messages of one folder by UID, and the sessions that have it open."""

    attributes: tuple[str, ...] = ()
    uid_validity: int = 1
    uid_next: int = 1
    messages: dict[int, Message] = field(default_factory=dict)
    views: list["View"] = field(default_factory=list)

    @property
    def full(self) -> bool:
        return len(self.messages) >= _MOST_MESSAGES

    def add(self, octets: bytes, flags: Iterable[str] = (), received: datetime | None = None) -> int:
        """Store a message and tell every session that has the folder open. Returns the UID."""
        if self.full:
            raise imap4.MailboxException("This folder is full. Delete messages in it first.")
        uid = self.uid_next
        self.uid_next += 1
        self.messages[uid] = Message(uid, octets, received or datetime.now(UTC), set(flags))
        for view in self.views:
            view.arrived(uid)
        return uid

    def remove(self, uids: Iterable[int]) -> None:
        for uid in uids:
            del self.messages[uid]
        for view in self.views:
            view.removed()

    def set_flags(self, uid: int, flags: set[str], by: "View | None" = None) -> None:
        """Replace a message's flags; every session but `by` is told."""
        if self.messages[uid].flags != flags:
            self.messages[uid].flags = flags
            for view in self.views:
                if view is not by:
                    view.flagged(uid)

    def getFlags(self) -> list[str]:
        """The attributes that LIST shows."""
        return ["\\HasNoChildren", *self.attributes]

    def getHierarchicalDelimiter(self) -> str:
        return "/"


@implementer(imap4.IMailbox, imap4.ISearchableMailbox)
@dataclass(slots=True, eq=False, weakref_slot=True)
class View:
    """A folder as one session has it open.

    Message numbers are the session's own: they change only when the session is told (RFC 3501, 7.4.1),
    so two clients of one user don't mistake each other's messages.
    """

    folder: Folder
    writeable: bool
    uids: list[int]
    listeners: list[Any] = field(default_factory=list)

    def addListener(self, listener: Any) -> None:
        self.listeners.append(listener)
        self.folder.views.append(self)

    def removeListener(self, listener: Any) -> None:
        self.listeners.remove(listener)
        self.folder.views.remove(self)

    def arrived(self, uid: int) -> None:
        self.uids.append(uid)
        for listener in self.listeners:
            listener.newMessages(len(self.uids), None)

    def removed(self) -> None:
        for listener in self.listeners:
            listener.messages_removed()

    def flagged(self, uid: int) -> None:
        for listener in self.listeners:
            listener.flagsChanged({self.uids.index(uid) + 1: self.folder.messages[uid].getFlags()})

    def vanished(self) -> list[int]:
        """Forget the messages that are gone. Returns their numbers in the order in which to tell them."""
        gone = [number for number, uid in self._numbered() if uid not in self.folder.messages]
        self.uids = [uid for uid in self.uids if uid in self.folder.messages]
        # From the last one down: each EXPUNGE renumbers what comes after it (RFC 3501, 7.4.1).
        return gone[::-1]

    def expunge(self, wanted: Any = None) -> list[int]:
        """Remove the deleted messages, or those of them in a set of UIDs. Returns what `vanished` does."""
        deleted = [uid for uid, one in self.folder.messages.items() if "\\Deleted" in one.flags]
        if wanted is not None and self.uids:
            wanted.last = self.uids[-1]
            deleted = [uid for uid in deleted if uid in wanted]
        self.folder.remove(deleted)
        return self.vanished()

    def fetch(self, wanted: Any, uid: int) -> Iterator[tuple[int, Message]]:
        """The messages of a set of numbers, or of UIDs if `uid` is true, with their numbers."""
        if not self.uids:
            return iter(())
        wanted.last = self.uids[-1] if uid else len(self.uids)
        chosen = [(number, key) for number, key in self._numbered() if (key if uid else number) in wanted]
        messages = self.folder.messages
        return iter([(number, messages[key]) for number, key in chosen if key in messages])

    def store(self, wanted: Any, flags: Iterable[str], mode: int, uid: int) -> dict[int, list[str]]:
        """Set the flags (mode 0), add them (1) or take them away (-1). Returns the flags by number."""
        if not self.writeable:
            raise imap4.ReadOnlyMailbox("The folder is open for reading only. Select it to change it.")
        given = {_canonical(flag) for flag in flags}
        changed = {}
        for number, message in self.fetch(wanted, uid):
            now = given if mode == 0 else message.flags | given if mode > 0 else message.flags - given
            self.folder.set_flags(message.uid, set(now), by=self)
            changed[number] = message.getFlags()
        return changed

    def search(self, query: Tokens, uid: int) -> list[int]:
        """The numbers of the messages that match; the server makes UIDs of them itself."""
        del uid
        last = (len(self.uids), self.uids[-1] if self.uids else 0)
        messages = self.folder.messages
        return [
            number
            for number, key in self._numbered()
            if key in messages and matches(query, Candidate(messages[key], number, *last))
        ]

    def requestStatus(self, names: Iterable[str]) -> dict[str, int]:
        answers = {
            "MESSAGES": self.getMessageCount,
            "RECENT": self.getRecentCount,
            "UIDNEXT": self.getUIDNext,
            "UIDVALIDITY": self.getUIDValidity,
            "UNSEEN": self.getUnseenCount,
        }
        return {name.upper(): answers[name.upper()]() for name in names if name.upper() in answers}

    def getFlags(self) -> list[str]:
        """The flags that messages here may carry; Twisted shows them as FLAGS after SELECT."""
        return list(FLAGS)

    def getHierarchicalDelimiter(self) -> str:
        return self.folder.getHierarchicalDelimiter()

    def getUIDValidity(self) -> int:
        return self.folder.uid_validity

    def getUIDNext(self) -> int:
        return self.folder.uid_next

    def getUID(self, number: int) -> int:
        return self.uids[number - 1]

    def getMessageCount(self) -> int:
        return len(self.uids)

    def getRecentCount(self) -> int:
        return 0

    def getUnseenCount(self) -> int:
        return sum("\\Seen" not in message.flags for message in self.folder.messages.values())

    def isWriteable(self) -> bool:
        return self.writeable

    def _numbered(self) -> Iterator[tuple[int, int]]:
        return iter(list(enumerate(self.uids, 1)))


def _canonical(flag: str) -> str:
    return next((known for known in FLAGS if known.lower() == flag.lower()), flag)
