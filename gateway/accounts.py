"""Accounts that were looked up, kept in memory until the change feed says that they changed."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from gateway.feed import FeedStore
from gateway.seen_changes import MOST_ROWS, SeenChanges
from gateway.shared_accounts import SharedAccounts
from gateway.threads import BoundedThreads
from store import changes, lookalikes, users
from store.database import Database
from store.lookalikes import Claim
from store.model import Account, Change

if TYPE_CHECKING:  # a gateway without Redis doesn't load its driver
    from store.redis.entries import Entries

Key = tuple[Callable[[Database, str], Account | None], str]  # how the store finds it, and by what

_MOST = 50_000  # accounts in memory
_KINDS: dict[object, str] = {users.account: "account", users.account_by_dn: "entry"}  # in Redis


class Accounts:
    """Finds accounts by name: in memory, in Redis where there is one, in the store.

    A login that nobody has is never remembered: it may exist a moment later. A DN that nobody has is
    remembered until anybody is changed: where DNs come from a template, the store has none of them, and would
    be asked in vain at each login.

    What revocation reads comes by the feed's own way to the store, and waits for no look-up of a stranger.

    `hits_memory`, `hits_redis` and `misses` count what was found where, or had to be asked of the store;
    `changes_heard` counts what was changed there, as far as it's known here.
    """

    __slots__ = (
        "_asked",
        "_database",
        "_feed_store",
        "_found",
        "_keys",
        "_nobodys",
        "_seen",
        "_shared",
        "_threads",
        "changes_heard",
        "hits_memory",
        "hits_redis",
        "misses",
    )

    def __init__(
        self,
        database: Database,
        threads: BoundedThreads,
        feed_store: FeedStore,
        entries: "Entries | None" = None,
    ) -> None:
        self._database = database
        self._threads = threads
        self._feed_store = feed_store
        self._seen = SeenChanges()
        self._shared = SharedAccounts(entries, self._seen) if entries is not None else None
        self._found: OrderedDict[Key, Account] = OrderedDict()
        self._keys: dict[int, set[Key]] = {}
        self._nobodys: set[str] = set()
        self._asked: dict[Key, asyncio.Future[Account | None]] = {}
        self.hits_memory = self.hits_redis = self.misses = self.changes_heard = 0

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
        return await self._feed_store.run(users.account_by_id, user_id)

    async def read_many(self, user_ids: Collection[int]) -> dict[int, Account]:
        """The same for many at once; those who were deleted are not in it. Raises `StoreUnavailable`."""
        return await self._feed_store.run(users.accounts_by_id, user_ids)

    async def owners(self, claim: Claim) -> set[int]:
        """The ids of the users that the claimed name may mean, as the store has them now.

        Never what another login asked a moment ago. Raises `StoreUnavailable`.
        """
        return await self._threads.run(lookalikes.owners, self._database, [claim])

    async def read_owners(self, claims: Collection[Claim]) -> set[int]:
        """The same for many claims, as revocation reads. Raises `StoreUnavailable`."""
        return await self._feed_store.run(lookalikes.owners, claims)

    def is_current(self, account: Account) -> bool:
        """Whether no change has come after what `account` shows, in the history that is followed."""
        if account.history != self._seen.history:
            return False
        return account.position >= self._seen.changed_at(account.user.id)

    def forget(self, change: Change) -> None:
        """Drop what a change made stale."""
        self._seen.note(change)
        self.changes_heard += 1
        self._nobodys = set()
        for key in self._keys.pop(change.user_id, ()):
            self._found.pop(key, None)
        if self._shared is not None:
            self._shared.keep_those_ahead()

    async def forget_all(self, history: str) -> None:
        """Drop everything. `history` is the one that is followed from now on. Raises `StoreUnavailable`."""
        self.changes_heard += 1
        self._found.clear()
        self._keys.clear()
        self._nobodys = set()
        if history != self._seen.history:
            self._seen.begin(history, ())
            await self._learn_what_came_before(history)

    async def _learn_what_came_before(self, history: str) -> None:
        """Without the feed's last rows, nothing that lies in Redis could be judged."""
        if self._shared is None:
            return
        news = await self._feed_store.run(changes.tail, MOST_ROWS)
        if news.history == history:
            self._seen.begin(history, news.changes)

    async def _find(self, key: Key) -> Account | None:
        account = self._found.get(key)
        if account is not None:
            self.hits_memory += 1
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
        if self._shared is not None:
            account = await self._shared.find(_KINDS[find], name)
            if account is not None:
                self.hits_redis += 1
                self._remember(key, account)
                return account
        self.misses += 1
        while True:
            account = await self._threads.run(find, self._database, name)
            if account is not None and account.history != self._seen.history:
                return account  # nobody is let in by it, and the feed will soon be where it is
            # A change may have been followed while this was read: then it's stale, and nothing would drop it.
            if account is None or self.is_current(account):
                break
        if account is not None:
            self._remember(key, account)
            if self._shared is not None:
                self._shared.keep(_KINDS[find], name, account)
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
