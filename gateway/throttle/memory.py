"""What this process remembers of failed logins: bounded, and what is worth most is forgotten last.

Forgetting by age alone would let a flood of guesses at other names push a victim's budget out. A failure here
and there goes first; a budget that is nearly or wholly used up stays until nothing in it counts any more.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from store.budget import REMEMBERED, Budget, Count

_WORTHY = 3  # the rank from which on a budget isn't given up for newcomers: eight failures
_LAST = 10  # the rank of a thousand failures
_CLOSED = _LAST + 1
_FOR_NEWCOMERS = 10  # one part in so many


@dataclass(slots=True)
class Remembered:
    """A budget's failures: the mark of a guess, and when it was found wrong. `heard`: what others counted."""

    marks: dict[str, float] = field(default_factory=dict)
    heard: tuple[Count, float] | None = None
    over_at: float = 0.0
    rank: int = 0
    weight: int = 0


class Memory:
    """Budgets by their keys. `most` failures are remembered in all. `clock` gives seconds."""

    __slots__ = ("_budgets", "_clock", "_most", "_ranks", "_weights")

    def __init__(self, clock: Callable[[], float], most: int) -> None:
        self._clock = clock
        self._most = most
        self._budgets: dict[str, Remembered] = {}
        self._ranks: tuple[OrderedDict[str, None], ...] = tuple(OrderedDict() for _ in range(_CLOSED + 1))
        self._weights = [0] * len(self._ranks)

    def __len__(self) -> int:
        """How many failures are remembered, in all budgets together."""
        return sum(self._weights)

    @property
    def is_full(self) -> bool:
        """Whether only what should not be forgotten could make room for more."""
        return sum(self._weights[_WORTHY:]) >= self._most - self._most // _FOR_NEWCOMERS

    def get(self, key: str) -> Remembered | None:
        return self._budgets.get(key)

    def at(self, key: str) -> Remembered:
        """The budget's, which is new where there was none. `settle` has to follow."""
        return self._budgets.setdefault(key, Remembered())

    def settle(self, budget: Budget) -> None:
        """Weigh what was changed of it, and forget something else if it's too much."""
        one = self._budgets[budget.key]
        self._take_out(budget.key, one)
        one.weight = len(one.marks) + (one.heard is not None)
        if not one.weight:
            del self._budgets[budget.key]
            return
        one.rank = _rank(budget, one)
        one.over_at = self._clock() + max((limit.seconds for limit in budget.limits), default=REMEMBERED)
        self._ranks[one.rank][budget.key] = None
        self._weights[one.rank] += one.weight
        while sum(self._weights) > self._most:
            self._forget(self._least_worth())

    def _take_out(self, key: str, one: Remembered) -> None:
        if key in self._ranks[one.rank]:
            del self._ranks[one.rank][key]
            self._weights[one.rank] -= one.weight

    def _forget(self, key: str) -> None:
        one = self._budgets.pop(key)
        self._take_out(key, one)

    def _least_worth(self) -> str:
        """What is over; else a budget of the lowest rank, of the newest ones none."""
        now = self._clock()
        oldest = [next(iter(rank), None) for rank in self._ranks]
        for key in reversed(oldest):
            if key is not None and self._budgets[key].over_at <= now:
                return key
        few = sum(self._weights[:_WORTHY]) <= self._most // _FOR_NEWCOMERS
        in_order = (oldest[_WORTHY:] + oldest[:_WORTHY]) if few else oldest
        return next(key for key in in_order if key is not None)


def _rank(budget: Budget, one: Remembered) -> int:
    """By how many failures it would forget, in powers of two; above all others if it's used up."""
    heard = one.heard[0].failures if one.heard is not None else 0
    failures = max(len(one.marks), heard, 1)
    if any(failures >= limit.failures for limit in budget.limits):
        return _CLOSED
    return min(failures.bit_length() - 1, _LAST)
