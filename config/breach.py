"""A rule between several keys that a configuration breaks, and how pydantic carries it to the loader."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticCustomError

RULE = "rule"  # the error type under which the loader finds the breaches


@dataclass(frozen=True, slots=True)
class Breach:
    """`key` is relative to the table that was checked; `sentence` says what is wrong and what is allowed."""

    key: tuple[str | int, ...]
    sentence: str


def refuse(breaches: Sequence[Breach]) -> None:
    """Raise one error that carries all of them; do nothing when there are none."""
    if breaches:
        context: dict[str, Any] = {
            "text": "; ".join(breach.sentence for breach in breaches),
            "breaches": tuple(breaches),
        }
        raise PydanticCustomError(RULE, "{text}", context)
