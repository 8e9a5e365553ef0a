"""Files that others change while we run."""

import os
from collections.abc import Iterable
from pathlib import Path

_State = tuple[tuple[int, ...] | None, ...]


class WatchedFiles:
    """To be asked again and again whether they have changed since they were read, which is now at first."""

    __slots__ = ("_files", "_read", "_seen")

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = tuple(files)
        self._seen = self._read = _state(self._files)

    def changed(self) -> bool:
        """True once for each change, when they have come to rest: renewal writes one after the other."""
        state = _state(self._files)
        at_rest = state == self._seen
        self._seen = state
        if not at_rest or state == self._read:
            return False
        self._read = state
        return True


def _state(files: Iterable[Path]) -> _State:
    """What is different once a file was written, replaced, or given to somebody else."""
    return tuple(map(_state_of, files))


def _state_of(file: Path) -> tuple[int, ...] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
