"""Guesses that a backend is being asked about at this moment: the very same needn't be asked twice."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

_RIGHT_SECONDS = 10.0  # a mail program opens its connections at once, and each logs in
_MOST = 10_000


class UnderWay:
    """By their marks. `clock` gives seconds."""

    __slots__ = ("_asked", "_clock", "_right_at")

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._asked: dict[str, asyncio.Future[bool]] = {}
        self._right_at: OrderedDict[str, float] = OrderedDict()

    def was_right(self, mark: str) -> bool:
        """Whether it was a moment ago."""
        at = self._right_at.get(mark)
        return at is not None and self._clock() < at + _RIGHT_SECONDS

    async def outcome(self, mark: str) -> bool:
        """Wait for it, unless it was right a moment ago. Returns False when there was no answer."""
        asked = self._asked.get(mark)
        if asked is None or self.was_right(mark):
            return True
        await asyncio.wait([asked])
        return asked.result()

    def begin(self, mark: str) -> None:
        if mark not in self._asked:
            self._asked[mark] = asyncio.get_running_loop().create_future()

    def right(self, mark: str) -> None:
        self._right_at[mark] = self._clock()
        self._right_at.move_to_end(mark)
        if len(self._right_at) > _MOST:
            self._right_at.popitem(last=False)
        self._end(mark, decided=True)

    def wrong(self, mark: str) -> None:
        self._right_at.pop(mark, None)
        self._end(mark, decided=True)

    def undecided(self, mark: str) -> None:
        self._end(mark, decided=False)

    def put_off(self, mark: str) -> None:
        """It's still being asked about, and until then there is no answer."""
        asked = self._asked.get(mark)
        if asked is not None and not asked.done():
            asked.set_result(False)

    def given_back(self, mark: str) -> None:
        """No backend was asked: the next one may be."""
        self._end(mark, decided=True)

    def _end(self, mark: str, *, decided: bool) -> None:
        asked = self._asked.pop(mark, None)
        if asked is not None and not asked.done():
            asked.set_result(decided)
