"""A user's mail in memory: the folders and the Sieve scripts, which live as long as the demo."""

# ruff: noqa: N802 - Twisted's server calls an account by these names.
import re

from twisted.mail import imap4
from zope.interface import implementer

from gateway.demo import samples
from gateway.demo.folder import Folder, View
from gateway.demo.sieve_scripts import Scripts

_MOST_FOLDERS = 100


@implementer(imap4.IAccount, imap4.INamespacePresenter)
class Account:
    """One user's folders: INBOX with the sample messages, Drafts and Sent, and what clients create."""

    def __init__(self, login: str) -> None:
        self._made = 0
        self._folders: dict[str, Folder] = {"INBOX": self._folder()}
        self._folders["Drafts"] = self._folder("\\Drafts")
        self._folders["Sent"] = self._folder("\\Sent")
        self._subscribed = set(self._folders)
        self.scripts = Scripts()
        for octets in samples.messages(login):
            self.inbox.add(octets)

    @property
    def inbox(self) -> Folder:
        """Always there: Twisted's server lets nobody delete or rename it."""
        return self._folders["INBOX"]

    def select(self, name: str, rw: int = 1) -> View | None:
        """A new view of the folder, or None if there is no such folder."""
        folder = self._folders.get(_name(name))
        return View(folder, bool(rw), list(folder.messages)) if folder else None

    def create(self, name: str) -> bool:
        name = _name(name).rstrip("/")
        if not name or name in self._folders:
            raise imap4.MailboxCollision(name)
        if len(self._folders) >= _MOST_FOLDERS:
            raise imap4.MailboxException("There are too many folders. Delete one first.")
        self._folders[name] = self._folder()
        return True

    def delete(self, name: str) -> None:
        if self._folders.pop(_name(name), None) is None:
            raise imap4.NoSuchMailbox(name)

    def rename(self, oldname: str, newname: str) -> None:
        if _name(newname) in self._folders:
            raise imap4.MailboxCollision(newname)
        if _name(oldname) not in self._folders:
            raise imap4.NoSuchMailbox(oldname)
        self._folders[_name(newname)] = self._folders.pop(_name(oldname))

    def isSubscribed(self, name: str) -> bool:
        return _name(name) in self._subscribed

    def subscribe(self, name: str) -> None:
        if _name(name) not in self._folders:
            raise imap4.NoSuchMailbox(name)
        self._subscribed.add(_name(name))

    def unsubscribe(self, name: str) -> None:
        self._subscribed.discard(_name(name))

    def listMailboxes(self, ref: str, wildcard: str) -> list[tuple[str, Folder]]:
        pattern = _pattern(ref + wildcard)
        return [(name, folder) for name, folder in self._folders.items() if _fits(name, pattern)]

    def getPersonalNamespaces(self) -> list[list[bytes]]:
        return [[b"", b"/"]]

    def getSharedNamespaces(self) -> None:
        return None

    def getUserNamespaces(self) -> None:
        return None

    def _folder(self, *attributes: str) -> Folder:
        # A folder that is deleted and made anew must not have the old UIDVALIDITY (RFC 3501, 2.3.1.1).
        self._made += 1
        return Folder(attributes, uid_validity=self._made)


def _name(name: str) -> str:
    return "INBOX" if name.upper() == "INBOX" else name


def _pattern(wildcard: str) -> str:
    """`*` stands for anything and `%` for anything within one level (RFC 3501, 6.3.8)."""
    collapsed = re.sub(r"[*%]*\*[*%]*", "*", re.sub(r"%+", "%", wildcard))
    return "".join(
        {"*": ".*", "%": "[^/]*"}.get(part, re.escape(part)) for part in re.split("([*%])", collapsed)
    )


def _fits(name: str, pattern: str) -> bool:
    # INBOX alone may be written in any case (RFC 3501, 5.1).
    return bool(re.fullmatch(pattern, name, re.IGNORECASE if name == "INBOX" else 0))
