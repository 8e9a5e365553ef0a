"""What the senders know: which letters were begun, and for which of them the server has said 250."""

import threading
from collections import Counter


class Ledger:
    """Shared by the threads of a run. It is `finished` once `wanted` letters are acknowledged."""

    def __init__(self, wanted: int, strikes: frozenset[str]) -> None:
        self.begun = 0
        self.acknowledged: set[int] = set()
        self.failures: Counter[str] = Counter()
        self.strikes: Counter[str] = Counter()
        self.finished = threading.Event()
        self._wanted, self._expected = wanted, strikes
        self._changed = threading.Condition()

    def begin(self) -> int:
        """A number that no letter has had. Until `acknowledge` nobody knows what became of it."""
        with self._changed:
            self.begun += 1
            return self.begun

    def acknowledge(self, number: int) -> None:
        """The server has said 250 to its content."""
        with self._changed:
            self.acknowledged.add(number)
            self._look()

    def fail(self, reason: str) -> None:
        """A connection ended, or was refused."""
        with self._changed:
            self.failures[reason] += 1

    def strike(self, kind: str) -> None:
        """A server was ended, and is back."""
        with self._changed:
            self.strikes[kind] += 1
            self._look()

    def abandon(self) -> None:
        """Nobody is to go on."""
        with self._changed:
            self.finished.set()
            self._changed.notify_all()

    def wait_for_more(self, count: int) -> bool:
        """Wait until that many letters more are acknowledged; False if the run has ended."""
        with self._changed:
            enough = len(self.acknowledged) + count
            self._changed.wait_for(lambda: self.finished.is_set() or len(self.acknowledged) >= enough)
        return not self.finished.is_set()

    def _look(self) -> None:
        # A short run goes on until each kind of strike has met senders at work.
        if len(self.acknowledged) >= self._wanted and self._expected <= self.strikes.keys():
            self.finished.set()
        self._changed.notify_all()
