"""Accounts that were looked up, kept in memory until the change feed says that they changed."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

from gateway.threads import BoundedThreads
from store import users
from store.database import Database
from store.model import Account, Change

Key = tuple[Callable[[Database, str], Account | None], str]  # how the store finds it, and by what

_MOST = 50_000  # accounts in memory
_MOST_CHANGES = 100_000  # users of whom the last change is known


class Accounts:
    """Finds accounts by name. A login that nobody has is never remembered: it may exist a moment later.

    A DN that nobody has is remembered until anybody is changed: where DNs come from a template, the store has
    none of them, and would be asked in vain at each login.
    """

    __slots__ = ("_asked", "_changed_at", "_database", "_found", "_history", "_keys", "_nobodys", "_threads")

    def __init__(self, database: Database, threads: BoundedThreads) -> None:
        self._database = database
        self._threads = threads
        self._history = ""
        self._found: OrderedDict[Key, Account] = OrderedDict()
        self._keys: dict[int, set[Key]] = {}
        self._nobodys: set[str] = set()
        self._changed_at: OrderedDict[int, int] = OrderedDict()
        self._asked: dict[Key, asyncio.Future[Account | None]] = {}

    async def find(self, name: str) -> Account | None:
        """The account of a normalised login name or alias. Raises `StoreUnavailable`."""
        return await self._find((users.account, name))

    async def find_by_dn(self, dn: str) -> Account | None:
        """The account whose entry in the directory has this normalised DN. Raises `StoreUnavailable`."""
        if dn in self._nobodys:
            return None
        nobodys = self._nobodys
        account = await self._find((users.account_by_dn, dn))
        if account is None and len(nobodys) < _MOST:
            nobodys.add(dn)  # into a set that is thrown away if somebody was changed meanwhile
        return account

    async def read(self, user_id: int) -> Account | None:
        """The account as the store has it now. Raises `StoreUnavailable`."""
        return await self._threads.run(users.account_by_id, self._database, user_id)

    def is_current(self, account: Account) -> bool:
        """Whether no change has come after what `account` shows, in the history that is followed."""
        if account.history != self._history:
            return False
        return account.position >= self._changed_at.get(account.user.id, 0)

    def forget(self, change: Change) -> None:
        """Drop what a change made stale."""
        self._changed_at[change.user_id] = change.position
        self._changed_at.move_to_end(change.user_id)
        self._nobodys = set()
        if len(self._changed_at) > _MOST_CHANGES:
            self._changed_at.popitem(last=False)
        for key in self._keys.pop(change.user_id, ()):
            self._found.pop(key, None)

    def forget_all(self, history: str) -> None:
        """Drop everything. `history` is the one that is followed from now on."""
        if history != self._history:
            self._history = history
            self._changed_at.clear()  # positions in the one before
        self._found.clear()
        self._keys.clear()
        self._nobodys = set()

    async def _find(self, key: Key) -> Account | None:
        account = self._found.get(key)
        if account is not None:
            self._found.move_to_end(key)
            return account
        asked = self._asked.get(key)
        if asked is None:
            asked = asyncio.ensure_future(self._look_up(key))
            self._asked[key] = asked
            asked.add_done_callback(lambda _: self._asked.pop(key, None))
        return await asyncio.shield(asked)

    async def _look_up(self, key: Key) -> Account | None:
        find, name = key
        while True:
            account = await self._threads.run(find, self._database, name)
            if account is not None and account.history != self._history:
                return account  # nobody is let in by it, and the feed will soon be where it is
            # A change may have been followed while this was read: then it's stale, and nothing would drop it.
            if account is None or self.is_current(account):
                break
        if account is not None:
            self._remember(key, account)
        return account

    def _remember(self, key: Key, account: Account) -> None:
        self._found[key] = account
        self._keys.setdefault(account.user.id, set()).add(key)
        if len(self._found) > _MOST:
            old_key, old = self._found.popitem(last=False)
            keys = self._keys.get(old.user.id, set())
            keys.discard(old_key)
            if not keys:
                self._keys.pop(old.user.id, None)
