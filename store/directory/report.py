"""What a sync did, or would do."""

from dataclasses import dataclass

from store.directory.entries import Problem
from store.directory.state import Change


@dataclass(frozen=True, slots=True)
class Report:
    """`entries` is how many were looked at, all of them where `full`. `unchanged` users stay as they are.

    After a dry run, `changes` are what would be done.
    """

    full: bool
    dry_run: bool
    entries: int
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    unchanged: int
