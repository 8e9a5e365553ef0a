"""Whether a backend is known to be unable to judge main passwords.

While it is, all who present no app password of theirs are told so, whatever name they give. Otherwise only
those would be whose password a backend judges, and a stranger could tell who that is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto

_FRESH_SECONDS = 10.0  # that a sign of life is believed
_PAUSE_SECONDS = 1.0  # between two looks at a backend that is down
_LOOK_SECONDS = 0.5  # that a look at one that is down is waited for
_SILENT_SECONDS = 60.0  # that logins of which it said nothing count, where none has been tried since


class Reach(Enum):
    """How far a login would come."""

    UP = auto()
    SILENT = auto()  # it can be reached, and could not say yes or no to the last login
    DOWN = auto()


class Outage:
    """What the last logins at a backend have shown; where there were none, a look at it.

    `looks` tells whether it can be reached and understood. `clock` gives seconds.
    """

    __slots__ = ("_clock", "_look", "_looked_at", "_looks", "_silent_at", "reach")

    def __init__(self, looks: Callable[[], Awaitable[bool]], clock: Callable[[], float]) -> None:
        self._looks = looks
        self._clock = clock
        self._look: asyncio.Future[None] | None = None
        self._looked_at = float("-inf")
        self._silent_at = float("-inf")
        self.reach = Reach.UP

    def worked(self) -> None:
        """It has said yes or no to a login."""
        self.reach, self._looked_at = Reach.UP, self._clock()

    def failed(self) -> None:
        """It has not, or could not be reached for it."""
        now = self._clock()
        self.reach, self._silent_at = Reach.SILENT, now
        self._looked_at = min(self._looked_at, now - _PAUSE_SECONDS)  # a look tells which of both

    async def find_out(self) -> Reach:
        """What it is now. All who ask at the same time wait for one look, and for as long.

        While it's known to be down, that isn't for long: it may hang.
        """
        seconds = _FRESH_SECONDS if self.reach is Reach.UP else _PAUSE_SECONDS
        if self._clock() >= self._looked_at + seconds:
            if self._look is None:
                self._look = asyncio.ensure_future(self._take_a_look())
            patience = None if self.reach is Reach.UP else _LOOK_SECONDS
            await asyncio.wait([self._look], timeout=patience)
        return self.reach

    async def _take_a_look(self) -> None:
        began = self._clock()
        try:
            is_there = await self._looks()
        finally:
            self._look = None
        if self.reach is Reach.UP and self._looked_at > began:
            return  # a login was judged meanwhile
        self._looked_at = self._clock()
        if not is_there:
            self.reach = Reach.DOWN
        elif self._clock() < self._silent_at + _SILENT_SECONDS and self.reach is not Reach.DOWN:
            self.reach = Reach.SILENT
        else:
            self.reach = Reach.UP
