"""Clients that have not logged in yet: they have little time and few places, and make room first."""

from collections.abc import Sequence
from typing import Protocol

from config import Network
from gateway.connection import Address
from store.source import Source, source_of

_MADE_ROOM = "made room"


class Stranger(Protocol):
    """A session before its login. `started` is in the event loop's time."""

    started: float

    def cut(self, reason: str) -> None: ...

    def end_politely(self) -> None: ...


class Strangers:
    """Kept in the order in which they came, so that the oldest is always at hand: in all, and of each source.

    There are at most so many in all, and `most_of_a_source` of each source but those in `exempt`. One more
    cuts the oldest. Cutting the oldest rather than refusing the newest leaves a door open to those who share
    a source with an attacker, and to all when there are very many: a login takes far less than a second.
    """

    __slots__ = ("_by_source", "_exempt", "_most", "_most_of_a_source", "_waiting")

    def __init__(self, most: int, most_of_a_source: int, exempt: Sequence[Network]) -> None:
        self._most = most
        self._most_of_a_source = most_of_a_source
        self._exempt = exempt
        self._waiting: dict[Stranger, Source | None] = {}
        self._by_source: dict[Source, dict[Stranger, None]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, stranger: Stranger, address: Address | None) -> None:
        """`address` is None while only a load balancer's is known, which is no client's source."""
        self._waiting[stranger] = None
        if len(self._waiting) > self._most:
            self.cut_oldest(_MADE_ROOM)
        if address is not None:
            self.know(stranger, address)

    def know(self, stranger: Stranger, address: Address) -> None:
        """The stranger comes from there. Harmless for one that has left."""
        if stranger not in self._waiting or any(address in network for network in self._exempt):
            return
        source = source_of(address)
        self._waiting[stranger] = source
        theirs = self._by_source.setdefault(source, {})
        theirs[stranger] = None
        if len(theirs) > self._most_of_a_source:
            self._cut(next(iter(theirs)), _MADE_ROOM)

    def leave(self, stranger: Stranger) -> None:
        """Harmless for one that has left."""
        source = self._waiting.pop(stranger, None)
        if source is None:
            return
        theirs = self._by_source[source]
        del theirs[stranger]
        if not theirs:
            del self._by_source[source]

    def cut_oldest(self, reason: str) -> bool:
        """Make room. False when there is nobody to make it."""
        oldest = next(iter(self._waiting), None)
        if oldest is None:
            return False
        self._cut(oldest, reason)
        return True

    def end_politely(self) -> None:
        """End all that are here now, with a goodbye."""
        for stranger in list(self._waiting):
            stranger.end_politely()

    def cut_before(self, moment: float, reason: str) -> None:
        """Cut all that came before `moment`."""
        while (oldest := next(iter(self._waiting), None)) is not None and oldest.started < moment:
            self._cut(oldest, reason)

    def _cut(self, stranger: Stranger, reason: str) -> None:
        self.leave(stranger)
        stranger.cut(reason)
