"""One thing that was looked at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from config import Settings


class Level(StrEnum):
    """How it is: well, worth a look, or in the way of logins."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` is a sentence; where it isn't ok, it says what to do."""

    level: Level
    area: str
    what: str


Examination = Callable[[Settings], Iterator[Finding]]
