"""Postfix's queue: what it has taken and not yet delivered."""

import time
from pathlib import Path

# In the order in which a file goes through them, so that none slips by while they are read.
_FOLDERS = ("maildrop", "incoming", "active", "deferred")
_COMPLETE = 0o100


def wait_until_empty(queue: Path, patience: float) -> None:
    """Raises AssertionError if nothing more is delivered for `patience` seconds."""
    known, changed, empty = -1, time.monotonic(), 0
    while empty < 2:  # a file that goes back from deferred to active is seen by the second look
        left = len(names := _waiting(queue))
        empty = empty + 1 if left == 0 else 0
        if left != known:
            known, changed = left, time.monotonic()
        assert time.monotonic() - changed < patience, (
            f"Postfix still has {left} messages and delivers none, among them {names[:5]}"
        )
        time.sleep(0.05)


def _waiting(queue: Path) -> list[str]:
    return [file.name for name in _FOLDERS for file in (queue / name).rglob("*") if _is_complete(file)]


def _is_complete(file: Path) -> bool:
    """Until all of a message is in it and the client gets 250, the file may not be executed."""
    try:
        return file.is_file() and bool(file.stat().st_mode & _COMPLETE)
    except FileNotFoundError:
        return False
