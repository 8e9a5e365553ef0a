"""Which rows of the change feed this process knows, so that it can judge what another one has remembered.

A record of an account says as of which row it is. It may be believed if that row is known here, in this very
history, and no change of that user has come after it. What came after the oldest row that is known is known
too; what came before it is not, so older records are nobody's proof.
"""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence

from store.model import Change
from store.redis.records import Stamp, stamp

MOST_ROWS = 10_000  # read at the beginning, and at least so many are kept
_MOST_USERS = 100_000  # of whom the last change is known


class SeenChanges:
    """The newest rows of one history, and the last change of each user."""

    __slots__ = ("_changed_at", "_floor", "_marks", "_positions", "history")

    def __init__(self) -> None:
        self.history = ""
        self._forget()

    def begin(self, history: str, rows: Sequence[Change]) -> None:
        """Know these rows of the history, oldest first, with no gap up to the newest one; and no others."""
        self.history = history
        self._forget()
        for row in rows:
            self.note(row)
        self._floor = rows[0].position if rows else 0

    def note(self, row: Change) -> None:
        """The next row. One that is known already changes nothing."""
        if row.position > self.changed_at(row.user_id):
            self._changed_at[row.user_id] = row.position
            self._changed_at.move_to_end(row.user_id)
        if len(self._changed_at) > _MOST_USERS:
            _, position = self._changed_at.popitem(last=False)
            self._floor = max(self._floor, position)
        if self._positions and row.position <= self._positions[-1]:
            return
        known = stamp(row.position, row.at)
        self._positions.append(known.position)
        self._marks.append(known.mark)
        if len(self._positions) > 2 * MOST_ROWS:
            del self._positions[:MOST_ROWS], self._marks[:MOST_ROWS]
            self._floor = max(self._floor, self._positions[0])

    def changed_at(self, user_id: int) -> int:
        """The position of the user's last change, 0 when none is known."""
        return self._changed_at.get(user_id, 0)

    @property
    def newest(self) -> Stamp | None:
        """The newest row; None while none is known."""
        return Stamp(self._positions[-1], self._marks[-1]) if self._positions else None

    def vouches_for(self, user_id: int, seen: Stamp) -> bool:
        """Whether this row is known, and no change of the user came after it."""
        if seen.position < max(self._floor, self.changed_at(user_id)):
            return False
        index = bisect_left(self._positions, seen.position)
        return (
            index < len(self._positions)
            and self._positions[index] == seen.position
            and self._marks[index] == seen.mark
        )

    def _forget(self) -> None:
        self._changed_at: OrderedDict[int, int] = OrderedDict()
        self._positions = array("q")
        self._marks = array("q")
        self._floor = 0  # older rows than this vouch for nobody
