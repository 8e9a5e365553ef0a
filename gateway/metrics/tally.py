"""What is counted while clients come and go. Everything else is read where it stands when somebody asks.

It's counted whether anybody asks or not: a login's share of it is about a microsecond.
"""

from collections import Counter, defaultdict
from threading import Lock

from gateway.metrics.histogram import Histogram


class Tally:
    """Counts of one process since its start. No key comes from a client, so of each there are few."""

    __slots__ = ("_lock", "connections", "cut", "hashing", "judgement", "logins", "whole")

    def __init__(self) -> None:
        self.logins: Counter[tuple[str, ...]] = Counter()  # by protocol, verdict and reason
        self.judgement: defaultdict[str, Histogram] = defaultdict(Histogram)
        self.whole: defaultdict[str, Histogram] = defaultdict(Histogram)
        self.hashing = {"waiting": Histogram(), "running": Histogram()}
        self.connections: Counter[str] = Counter()  # by listener
        self.cut: Counter[str] = Counter()  # by reason
        self._lock = Lock()

    def login(self, protocol: str, verdict: str, reason: str, judgement: float, whole: float) -> None:
        """A login has ended, with the words that its line in the log has."""
        self.logins[protocol, verdict, reason] += 1
        self.judgement[protocol].observe(judgement)
        self.whole[protocol].observe(whole)

    def hashed(self, waited: float, ran: float) -> None:
        """A hash was computed. The threads that hash call this."""
        with self._lock:
            self.hashing["waiting"].observe(waited)
            self.hashing["running"].observe(ran)
