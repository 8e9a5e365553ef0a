"""Holds a run of the benchmark against the ratios to peers that are expected; names those that have grown.

CPU of one machine says nothing on another, and not much on the same one an hour later. What is compared is
the ratio of ours to a peer's in the same round, the median over the rounds.

    python bench/check.py results.jsonl [more.jsonl]
"""

import json
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

EXPECTED = Path(__file__).resolve().parent / "expected.toml"
OURS = "wicketgate"
MOST_GROWTH = 1.15

Row = Mapping[str, Any]  # a line that the harness writes


@dataclass(frozen=True, slots=True)
class Expected:
    """One ratio: what is measured, beside which peer, and what it was."""

    mode: str
    row: str
    peer: str
    figure: str
    ratio: float

    def __str__(self) -> str:
        return f"{self.mode}, {self.row}: {self.figure} of {OURS} over that of {self.peer}"


@dataclass(frozen=True, slots=True)
class Found:
    """What a run says of an expected ratio; None where it wasn't measured."""

    expected: Expected
    ratio: float | None

    @property
    def has_grown(self) -> bool:
        return self.ratio is not None and self.ratio > self.expected.ratio * MOST_GROWTH

    def __str__(self) -> str:
        if self.ratio is None:
            return f"not measured  {self.expected}"
        word = "GROWN" if self.has_grown else "ok"
        return f"{word:12}  {self.expected}: {self.ratio:.2f}, expected {self.expected.ratio:.2f}"


def read_expected(text: str) -> list[Expected]:
    tables = tomllib.loads(text)["expected"]
    return [
        Expected(table["mode"], row, table["peer"], table["figure"], table["ratio"])
        for table in tables
        for row in table["rows"]
    ]


def compare(expected: Sequence[Expected], rows: Iterable[Row]) -> list[Found]:
    """Each expected ratio with what the rows say of it."""
    measured = {(row["target"], row["mode"], row["variant"], row["round"]): row for row in rows}
    return [Found(one, _ratio(one, measured)) for one in expected]


def _ratio(one: Expected, measured: Mapping[tuple[str, str, str, int], Row]) -> float | None:
    ratios = list(_of_each_round(one, measured))
    return median(ratios) if ratios else None


def _of_each_round(one: Expected, measured: Mapping[tuple[str, str, str, int], Row]) -> Iterator[float]:
    for (target, mode, variant, number), row in measured.items():
        peer = measured.get((one.peer, mode, variant, number))
        if (target, mode, variant) == (OURS, one.mode, one.row) and peer and peer[one.figure]:
            yield row[one.figure] / peer[one.figure]


def main(files: Sequence[str]) -> int:
    """1 when a ratio has grown, or when nothing that is expected was measured."""
    rows = [json.loads(line) for file in files for line in Path(file).read_text().splitlines()]
    found = compare(read_expected(EXPECTED.read_text()), (row for row in rows if "round" in row))
    print("\n".join(map(str, found)))
    if all(one.ratio is None for one in found):
        print("Nothing that is expected was measured. Name results of `make bench`, written with --json.")
        return 1
    return 1 if any(one.has_grown for one in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
