"""Failed logins as this process has seen them.

A guess takes its place in its budgets before anybody is asked about it, and leaves it again if it was right.
So any number of guesses at once is no more than the budgets allow. One of which nobody learns was wrong.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence

from store.budget import Budget, Count, Standing

_MOST = 100_000  # failures in memory, 50 MB at the worst
_MOST_HEARD = 20_000
_UNDER_WAY = math.inf


class Counters:
    """Each budget's failures: the mark of a guess, and when it was found wrong. `clock` gives seconds."""

    __slots__ = ("_clock", "_heard", "_most", "_size", "_table")

    def __init__(self, clock: Callable[[], float], most: int = _MOST) -> None:
        self._clock = clock
        self._most = most
        self._size = 0
        self._table: OrderedDict[str, dict[str, float]] = OrderedDict()
        self._heard: OrderedDict[str, tuple[Count, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many failures are remembered, in all budgets together."""
        return self._size

    def standing(self, budgets: Sequence[Budget], mark: str) -> Standing:
        """Whether the guess may be made."""
        return max(self._standing(budget, mark) for budget in budgets)

    def take(self, budgets: Sequence[Budget], mark: str) -> Standing:
        """The same, and take its place if so. The same guess again is no further one."""
        standing = self.standing(budgets, mark)
        if standing is Standing.OPEN:
            for budget in budgets:
                self._put(budget, mark, _UNDER_WAY, again=False)
        return standing

    def fail(self, budgets: Sequence[Budget], mark: str) -> None:
        """It was wrong."""
        now = self._clock()
        for budget in budgets:
            if self._table.get(budget.key, {}).get(mark, _UNDER_WAY) == _UNDER_WAY:
                self._put(budget, mark, now, again=True)

    def withdraw(self, budgets: Sequence[Budget], mark: str) -> None:
        """It was not made after all, or nobody could say whether it was wrong."""
        for budget in budgets:
            if self._table.get(budget.key, {}).get(mark) == _UNDER_WAY:
                self._drop(budget.key, mark)

    def forgive(self, pair: Budget, others: Sequence[Budget], mark: str) -> None:
        """It was right, so it was the user, and what went wrong with `pair` before was the user too.

        NIST SP 800-63B, section 3.2.2: failures from the same address are disregarded then.
        """
        for one in {mark, *self._table.get(pair.key, ())}:
            for budget in (pair, *others):
                self._drop(budget.key, one)

    def hear(self, budgets: Sequence[Budget], counts: Sequence[Count]) -> None:
        """All nodes together have counted so many failures. That holds if they should lose them."""
        now = self._clock()
        for budget, count in zip(budgets, counts, strict=True):
            before, at = self._heard.get(budget.key, (Count(0, 0.0), now))
            if count.failures and (count.failures >= before.failures or at + before.seconds <= now):
                self._heard[budget.key] = count, now
                self._heard.move_to_end(budget.key)
        while len(self._heard) > _MOST_HEARD:
            self._heard.popitem(last=False)

    def _standing(self, budget: Budget, mark: str) -> Standing:
        marks = self._table.get(budget.key, {})
        now, standing = self._clock(), Standing.OPEN
        under_way = sum(at == _UNDER_WAY for at in marks.values())
        for limit in budget.limits:
            failed = sum(now - limit.seconds < at <= now for at in marks.values())
            failed = max(failed, self._failed_elsewhere(budget, marks, now))
            if failed >= limit.failures:
                return Standing.CLOSED
            if failed + under_way >= limit.failures and mark not in marks:
                standing = Standing.BUSY
        return standing

    def _failed_elsewhere(self, budget: Budget, marks: dict[str, float], now: float) -> int:
        """What was heard of, and what has failed here since."""
        count, heard_at = self._heard.get(budget.key, (Count(0, 0.0), now))
        if heard_at + count.seconds <= now:
            return 0
        return count.failures + sum(heard_at < at <= now for at in marks.values())

    def _put(self, budget: Budget, mark: str, at: float, *, again: bool) -> None:
        marks = self._table.setdefault(budget.key, {})
        self._table.move_to_end(budget.key)
        if mark not in marks:
            self._size += 1
        elif not again:
            return
        marks[mark] = at
        self._forget_old(marks, budget)
        while self._size > self._most:
            self._size -= len(self._table.popitem(last=False)[1])

    def _forget_old(self, marks: dict[str, float], budget: Budget) -> None:
        limit = self._clock() - budget.remembered
        while len(marks) > budget.most or next(iter(marks.values())) < limit:
            del marks[next(iter(marks))]
            self._size -= 1

    def _drop(self, key: str, mark: str) -> None:
        marks = self._table.get(key, {})
        if marks.pop(mark, None) is not None:
            self._size -= 1
            if not marks:
                del self._table[key]
