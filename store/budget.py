"""Budgets of failed logins: what is limited, and how one of them stands."""

from dataclasses import dataclass
from enum import IntEnum

REMEMBERED = 86400.0  # seconds that a failure is at least remembered: the same again is no new one
_ROOM = 100  # failures that are remembered beyond those that count


class Standing(IntEnum):
    """Whether one more guess may be made. The numbers are those of Redis's script."""

    OPEN = 0
    BUSY = 1  # it depends on guesses whose outcome nobody knows yet
    REPEATED = 2  # the very same was wrong a moment ago
    CLOSED = 3


@dataclass(frozen=True, slots=True)
class Count:
    """Failures that were counted somewhere, and in how many seconds they begin to be fewer."""

    failures: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures within so many seconds."""

    failures: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Budget:
    """What is limited, by a key of its own. Without limits, failures are remembered and never too many."""

    key: str
    limits: tuple[Limit, ...]

    @property
    def kind(self) -> str:
        """The first word of the key."""
        return self.key.partition(" ")[0]

    @property
    def remembered(self) -> float:
        """Seconds that a failure is remembered."""
        return max(REMEMBERED, *(limit.seconds for limit in self.limits), 0.0)

    @property
    def most(self) -> int:
        """Failures that are remembered: enough to count, and to know again what is tried again and again."""
        return max((2 * limit.failures for limit in self.limits), default=0) + _ROOM
