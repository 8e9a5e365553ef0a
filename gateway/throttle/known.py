"""From where users have logged in before. A limit that strangers use up doesn't hold there."""

from collections import OrderedDict
from collections.abc import Callable

_MOST = 50_000  # users' sources in memory
_TELL_AGAIN = 86400.0  # seconds


class KnownSources:
    """Remembers them, by names that say whose source it is. `clock` gives seconds."""

    __slots__ = ("_clock", "_told_at")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told_at: OrderedDict[str, float] = OrderedDict()

    def __contains__(self, name: object) -> bool:
        return name in self._told_at

    def learn(self, name: str) -> bool:
        """Remember it. Returns whether others should be told: when it's new, and once a day."""
        now = self._clock()
        told_at = self._told_at.get(name)
        is_due = told_at is None or now - told_at > _TELL_AGAIN
        if is_due:
            self._told_at[name] = now
        self._told_at.move_to_end(name)
        if len(self._told_at) > _MOST:
            self._told_at.popitem(last=False)
        return is_due
