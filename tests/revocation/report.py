"""What came out of a measurement: figures to print, and promises that were broken."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.revocation.faults import LEASE
from tests.revocation.trial import Outcome
from tests.revocation.visits import Answer, Try

_REFUSED_P99, _CLOSED_P99 = 1.0, 2.0  # where all is well


@dataclass(frozen=True, slots=True)
class Report:
    """`healthy`: nothing was broken meanwhile, so the stricter promises hold."""

    title: str
    healthy: bool
    outcomes: Sequence[Outcome]
    tries: Sequence[Try]

    def __str__(self) -> str:
        counts = {answer: sum(one.answer is answer for one in self.tries) for answer in Answer}
        spent = [one.ended - one.began for one in self.tries if one.answer is Answer.YES]
        lines = [
            self.title,
            f"  revocations     {len(self.outcomes)}",
            f"  refused after   {_figures(self._refused())}",
            f"  closed after    {_figures(self._closed())}",
            f"  last let in     {max(self._yes(), default=0.0):.2f} s after; temporary code meanwhile"
            f" {sum(one.later for one in self.outcomes)} times",
            f"  other logins    {counts[Answer.YES]} let in, {counts[Answer.LATER]} told to come later,"
            f" {counts[Answer.NO]} refused, {counts[Answer.NONE]} unanswered; {_figures(spent)}",
            *(f"  BROKEN          {broken}" for broken in self.broken()),
        ]
        return "\n".join(lines)

    def broken(self) -> list[str]:
        """The promises that did not hold."""
        refused, closed = self._refused(), self._closed()
        asked = sum(len(one.refused) for one in self.outcomes)
        found = [
            (any(one.answer is Answer.NO for one in self.tries), "a good login was refused"),
            (max(self._yes(), default=0.0) > LEASE, "somebody was let in after more than the lease"),
            (len(refused) < asked, "somebody was never refused"),
            (len(closed) < asked, "a live session was never closed"),
        ]
        if self.healthy:
            found += [
                (_quantile(refused, 0.99) > _REFUSED_P99, "refused later than promised"),
                (_quantile(closed, 0.99) > _CLOSED_P99, "closed later than promised"),
                (any(one.answer is not Answer.YES for one in self.tries), "a good login failed"),
            ]
        return [what for is_so, what in found if is_so]

    def _yes(self) -> list[float]:
        return [seconds for one in self.outcomes for seconds in one.yes]

    def _refused(self) -> list[float]:
        return [seconds for one in self.outcomes for seconds in one.refused if seconds is not None]

    def _closed(self) -> list[float]:
        return [seconds for one in self.outcomes for seconds in one.closed if seconds is not None]


def _quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _figures(values: Sequence[float]) -> str:
    p50, p99 = _quantile(values, 0.5), _quantile(values, 0.99)
    return f"p50 {p50:.3f} s, p99 {p99:.3f} s, max {max(values, default=0.0):.3f} s"
