"""Clients that have not logged in yet: they have little time, and make room first."""

from typing import Protocol


class Stranger(Protocol):
    """A session before its login. `started` is in the event loop's time."""

    started: float

    def cut(self, reason: str) -> None: ...

    def end_politely(self) -> None: ...


class Strangers:
    """Kept in the order in which they came, so that the oldest is always at hand."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: dict[Stranger, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, stranger: Stranger) -> None:
        self._waiting[stranger] = None

    def leave(self, stranger: Stranger) -> None:
        self._waiting.pop(stranger, None)

    def cut_oldest(self, reason: str) -> bool:
        """Make room. False when there is nobody to make it."""
        oldest = next(iter(self._waiting), None)
        if oldest is None:
            return False
        self.leave(oldest)
        oldest.cut(reason)
        return True

    def end_politely(self) -> None:
        """End all that are here now, with a goodbye."""
        for stranger in list(self._waiting):
            stranger.end_politely()

    def cut_before(self, moment: float, reason: str) -> None:
        """Cut all that came before `moment`."""
        while (oldest := next(iter(self._waiting), None)) is not None and oldest.started < moment:
            self.cut_oldest(reason)
