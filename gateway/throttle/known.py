"""From where users have logged in before. A limit that strangers use up doesn't hold there."""

from collections import OrderedDict
from collections.abc import Callable

_MOST = 50_000  # users' sources in memory
_MOST_OF_A_USER = 50  # so that one user can't push the others' out
_TELL_AGAIN = 86400.0  # seconds


class KnownSources:
    """Remembers them, by origins (store/guess.py) that say whose source it is. `clock` gives seconds."""

    __slots__ = ("_clock", "_most", "_size", "_told_at")

    def __init__(self, clock: Callable[[], float], most: int = _MOST) -> None:
        self._clock = clock
        self._most = most
        self._size = 0
        self._told_at: OrderedDict[str, OrderedDict[str, float]] = OrderedDict()

    def __contains__(self, origin: object) -> bool:
        source, _, user = str(origin).partition(" ")
        return source in self._told_at.get(user, ())

    def learn(self, origin: str) -> bool:
        """Remember it. Returns whether others should be told: when it's new, and once a day."""
        source, _, user = origin.partition(" ")
        mine = self._told_at.setdefault(user, OrderedDict())
        self._told_at.move_to_end(user)
        now, told_at = self._clock(), mine.get(source)
        is_due = told_at is None or now - told_at > _TELL_AGAIN
        if is_due:
            self._size += told_at is None
            mine[source] = now
        mine.move_to_end(source)
        if len(mine) > _MOST_OF_A_USER:
            mine.popitem(last=False)
            self._size -= 1
        while self._size > self._most:
            self._size -= len(self._told_at.popitem(last=False)[1])
        return is_due
