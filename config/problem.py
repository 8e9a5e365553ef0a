"""What is wrong with a configuration, in the form in which it is printed."""

from collections.abc import Iterable
from dataclasses import dataclass

from config.value_types import CONTROL


@dataclass(frozen=True, slots=True)
class Problem:
    """`place` is file:line, an environment variable or a credential; `key` is dotted; both may be empty."""

    place: str
    key: str
    sentence: str

    def __str__(self) -> str:
        line = ": ".join(part for part in (self.place, self.key, self.sentence) if part)
        # A value may hold a line break as an escape: one problem stays one line.
        return CONTROL.sub(lambda match: ascii(match[0])[1:-1], line)


class ConfigurationError(Exception):
    """The configuration can't be used. `problems` holds everything that is wrong; str() is one line each."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
