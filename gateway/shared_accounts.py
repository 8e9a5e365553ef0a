"""Accounts as other processes looked them up, by way of Redis.

A record there may be old, put back by somebody, or of a history that the store has left. It's believed only
if this process knows of everything that happened since it was made, and of no change of that user.
"""

from collections import deque
from typing import TYPE_CHECKING

from gateway.seen_changes import SeenChanges
from store.model import Account
from store.redis.records import account_from, account_record

if TYPE_CHECKING:  # a gateway without Redis doesn't load its driver
    from store.redis.entries import Entries

_MOST_AHEAD = 1000  # accounts that wait for the feed; beyond, the oldest are given up


class SharedAccounts:
    """Finds accounts in Redis, and puts them there. That somebody isn't known is never put there."""

    __slots__ = ("_ahead", "_entries", "_seen")

    def __init__(self, entries: "Entries", seen: SeenChanges) -> None:
        self._entries = entries
        self._seen = seen
        self._ahead: deque[tuple[str, str, Account]] = deque(maxlen=_MOST_AHEAD)

    async def find(self, kind: str, name: str) -> Account | None:
        """The account that this name of a kind has, as of a row that this process vouches for; else None."""
        record = await self._entries.find(kind, name)
        found = account_from(record) if record is not None else None
        if found is None:
            return None
        account, row = found
        if account.history != self._seen.history or not self._seen.vouches_for(account.user.id, row):
            return None
        return account

    def keep(self, kind: str, name: str, account: Account) -> None:
        """Let others find an account, if it's current here, as of the newest row that is known here.

        What was read from the store after a row that isn't known here yet has to wait for that row: as of an
        older one, it would outlive its row where a backup is restored.
        """
        if self._is_ahead(account):
            self._ahead.append((kind, name, account))
            return
        newest, changed_at = self._seen.newest, self._seen.changed_at(account.user.id)
        if newest is not None and account.history == self._seen.history and account.position >= changed_at:
            self._entries.keep(kind, name, account_record(account, newest))

    def keep_those_ahead(self) -> None:
        """Keep what has waited for the row that is the newest one now."""
        while self._ahead and not self._is_ahead(self._ahead[0][2]):
            self.keep(*self._ahead.popleft())

    def _is_ahead(self, account: Account) -> bool:
        newest = self._seen.newest
        if account.history != self._seen.history:
            return False
        return newest is None or account.position > newest.position
