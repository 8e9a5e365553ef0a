"""Failed logins as this process has seen them.

A guess takes its place in its budgets before anybody is asked about it, and leaves it again if it was right.
So any number of guesses at once is no more than the budgets allow. One of which nobody learns was wrong.
"""

import math
from collections.abc import Callable, Sequence

from gateway.throttle.memory import Memory
from store.budget import Budget, Count, Standing

_MOST = 100_000  # failures in memory, 50 MB at the worst
_UNDER_WAY = math.inf
_BEFORE = "*"  # behind the mark of a guess that was wrong before, and is made once more


class Counters:
    """Each budget's failures. What was wrong is known for `wrong_seconds`. `clock` gives seconds."""

    __slots__ = ("_clock", "_memory", "_wrong_seconds")

    def __init__(self, clock: Callable[[], float], wrong_seconds: float, most: int = _MOST) -> None:
        self._clock = clock
        self._wrong_seconds = wrong_seconds
        self._memory = Memory(clock, most)

    def __len__(self) -> int:
        """How many failures are remembered, in all budgets together."""
        return len(self._memory)

    @property
    def is_full(self) -> bool:
        """Whether a new name could only be counted at the price of a budget that is nearly used up."""
        return self._memory.is_full

    def remembers(self, budget: Budget) -> bool:
        """Whether something was counted there."""
        return self._memory.get(budget.key) is not None

    def standing(self, budgets: Sequence[Budget], mark: str, *, together: bool = False) -> Standing:
        """Whether the guess may be made. `together`: at the same time as the very same one."""
        return max(self._standing(budget, mark, together) for budget in budgets)

    def take(self, budgets: Sequence[Budget], mark: str, *, together: bool = False) -> Standing:
        """The same, and take its place if so."""
        standing = self.standing(budgets, mark, together=together)
        if standing is Standing.OPEN:
            for budget in budgets:
                self._begin(budget, mark)
        return standing

    def fail(self, budgets: Sequence[Budget], mark: str) -> None:
        """It was wrong."""
        now = self._clock()
        for budget in budgets:
            marks = self._memory.at(budget.key).marks
            if marks.get(mark, _UNDER_WAY) == _UNDER_WAY:
                marks.pop(mark, None)
                marks.pop(mark + _BEFORE, None)
                marks[mark] = now
            self._settle(budget)

    def withdraw(self, budgets: Sequence[Budget], mark: str) -> None:
        """It was not made after all, or nobody could say whether it was wrong."""
        for budget in budgets:
            remembered = self._memory.get(budget.key)
            if remembered is None or remembered.marks.get(mark) != _UNDER_WAY:
                continue
            del remembered.marks[mark]
            if (before := remembered.marks.pop(mark + _BEFORE, None)) is not None:
                remembered.marks[mark] = before
            self._settle(budget)

    def forgive(self, pair: Budget, others: Sequence[Budget], mark: str) -> None:
        """It was right, so it was the user, and what went wrong with `pair` before was the user too.

        NIST SP 800-63B, section 3.2.2: failures from the same address are disregarded then.
        """
        mine = self._memory.get(pair.key)
        marks = {mark, mark + _BEFORE, *(mine.marks if mine is not None else ())}
        for budget in (pair, *others):
            remembered = self._memory.get(budget.key)
            if remembered is not None and not marks.isdisjoint(remembered.marks):
                remembered.marks = {one: at for one, at in remembered.marks.items() if one not in marks}
                self._settle(budget)

    def hear(self, budgets: Sequence[Budget], counts: Sequence[Count]) -> None:
        """All nodes together have counted so many failures. That holds if they should lose them."""
        now = self._clock()
        for budget, count in zip(budgets, counts, strict=True):
            if not count.failures:
                continue
            remembered = self._memory.at(budget.key)
            before, at = remembered.heard or (Count(0, 0.0), now)
            if count.failures >= before.failures or at + before.seconds <= now:
                remembered.heard = count, now
            self._settle(budget)

    def _standing(self, budget: Budget, mark: str, together: bool) -> Standing:
        remembered = self._memory.get(budget.key)
        if remembered is None:
            return Standing.OPEN
        marks, now = remembered.marks, self._clock()
        standing = self._of_the_same(marks.get(mark), now, together)
        under_way = sum(at == _UNDER_WAY for at in marks.values())
        for limit in budget.limits:
            failed = sum(now - limit.seconds < at <= now for at in marks.values())
            failed = max(failed, _failed_elsewhere(remembered.heard, marks, now))
            if failed >= limit.failures:
                return Standing.CLOSED
            if failed + under_way >= limit.failures and marks.get(mark) != _UNDER_WAY:
                standing = max(standing, Standing.BUSY)
        return standing

    def _of_the_same(self, at: float | None, now: float, together: bool) -> Standing:
        if at == _UNDER_WAY:
            return Standing.OPEN if together else Standing.BUSY
        known = at is not None and now - at < self._wrong_seconds
        return Standing.REPEATED if known else Standing.OPEN

    def _begin(self, budget: Budget, mark: str) -> None:
        marks = self._memory.at(budget.key).marks
        at = marks.pop(mark, None)
        if at is not None and at != _UNDER_WAY:
            marks[mark + _BEFORE] = at
        marks[mark] = _UNDER_WAY
        self._settle(budget)

    def _settle(self, budget: Budget) -> None:
        marks = self._memory.at(budget.key).marks
        limit = self._clock() - budget.remembered
        while marks and (len(marks) > budget.most or next(iter(marks.values())) < limit):
            del marks[next(iter(marks))]
        self._memory.settle(budget)


def _failed_elsewhere(heard: tuple[Count, float] | None, marks: dict[str, float], now: float) -> int:
    """What was heard of, and what has failed here since."""
    count, heard_at = heard or (Count(0, 0.0), now)
    if heard_at + count.seconds <= now:
        return 0
    return count.failures + sum(heard_at < at <= now for at in marks.values())
