"""Accounts that were looked up, kept in memory until the change feed says that they changed."""

import asyncio
from collections import OrderedDict

from gateway.threads import StoreThreads
from store import users
from store.database import Database
from store.model import Account, Change

_MOST = 50_000  # accounts in memory
_MOST_CHANGES = 100_000  # users of whom the last change is known


class Accounts:
    """Finds accounts by name. A name that nobody has is never remembered: it may exist a moment later."""

    __slots__ = ("_asked", "_by_name", "_changed_at", "_database", "_names", "_threads")

    def __init__(self, database: Database, threads: StoreThreads) -> None:
        self._database = database
        self._threads = threads
        self._by_name: OrderedDict[str, Account] = OrderedDict()
        self._names: dict[int, set[str]] = {}
        self._changed_at: OrderedDict[int, int] = OrderedDict()
        self._asked: dict[str, asyncio.Future[Account | None]] = {}

    async def find(self, name: str) -> Account | None:
        """The account of a normalised login name or alias. Raises `StoreUnavailable`."""
        account = self._by_name.get(name)
        if account is not None:
            self._by_name.move_to_end(name)
            return account
        asked = self._asked.get(name)
        if asked is None:
            asked = asyncio.ensure_future(self._look_up(name))
            self._asked[name] = asked
            asked.add_done_callback(lambda _: self._asked.pop(name, None))
        return await asyncio.shield(asked)

    async def read(self, user_id: int) -> Account | None:
        """The account as the store has it now. Raises `StoreUnavailable`."""
        return await self._threads.run(users.account_by_id, self._database, user_id)

    def is_current(self, account: Account) -> bool:
        """Whether no change has come after what `account` shows."""
        return account.position >= self._changed_at.get(account.user.id, 0)

    def forget(self, change: Change) -> None:
        """Drop what a change made stale."""
        self._changed_at[change.user_id] = change.position
        self._changed_at.move_to_end(change.user_id)
        if len(self._changed_at) > _MOST_CHANGES:
            self._changed_at.popitem(last=False)
        for name in self._names.pop(change.user_id, ()):
            self._by_name.pop(name, None)

    def forget_all(self) -> None:
        self._by_name.clear()
        self._names.clear()

    async def _look_up(self, name: str) -> Account | None:
        while True:
            account = await self._threads.run(users.account, self._database, name)
            # A change may have been followed while this was read: then it's stale, and nothing would drop it.
            if account is None or self.is_current(account):
                break
        if account is not None:
            self._remember(name, account)
        return account

    def _remember(self, name: str, account: Account) -> None:
        self._by_name[name] = account
        self._names.setdefault(account.user.id, set()).add(name)
        if len(self._by_name) > _MOST:
            old_name, old = self._by_name.popitem(last=False)
            names = self._names.get(old.user.id, set())
            names.discard(old_name)
            if not names:
                self._names.pop(old.user.id, None)
