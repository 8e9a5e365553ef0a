"""Which of the processes that serve this one is."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Worker:
    """Number 0 serves alone. `supervised`: a supervisor started it, and holds the other end of its input."""

    number: int = 0
    supervised: bool = False

    def control_socket(self, path: Path, *, draining: bool = False) -> Path:
        """One that serves alone has the path itself, until it drains.

        Of several, each has one beside it, such as control-1-4711.sock: with the process in its name, as the
        next worker of that number starts before the last one ends.
        """
        if not self.number and not draining:
            return path
        return control_socket_of(path, self.number, os.getpid())


def control_socket_of(path: Path, number: int, process: int) -> Path:
    """That of one of several processes."""
    return path.with_name(f"{path.stem}-{number}-{process}{path.suffix}")


ALONE = Worker()
