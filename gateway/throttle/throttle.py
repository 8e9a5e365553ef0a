"""The decision on a guess: it may be made, or too many were wrong already.

An app password that matches is no guess, and none of this concerns it: whatever strangers do, it lets in.
"""

import asyncio
from collections.abc import Callable, Coroutine
from enum import Enum, auto
from typing import Any

from config import Throttle as Settings
from gateway.connection import Address
from gateway.throttle.counters import Counters
from gateway.throttle.known import KnownSources
from gateway.throttle.shared import Shared
from gateway.throttle.under_way import UnderWay
from store.budget import Budget, Standing
from store.guess import Guess, Guesses, origin

_TURNS = 50  # that a guess waits for those before it to be decided
_TURN_SECONDS = 0.1
_MOST_UNTOLD = 2000  # outcomes on their way to the shared counters, which take any other for a failure


class Held(Enum):
    """Why a guess may not be made."""

    TOO_MANY = auto()
    WRONG = auto()  # the very same was wrong a moment ago
    UNDECIDED = auto()  # the very same was asked about meanwhile, without an answer


class Throttle:
    """This process's counters and the shared ones both have to agree to a guess.

    Who takes a guess says later how it ended: `wrong`, `right` or `undecided`. `clock` gives seconds.
    """

    __slots__ = ("_counters", "_guesses", "_known", "_shared", "_under_way", "_untold")

    def __init__(
        self, settings: Settings, clock: Callable[[], float], key: bytes, shared: Shared | None = None
    ) -> None:
        self._guesses = Guesses(settings, key)
        self._counters = Counters(clock, settings.wrong_seconds)
        self._known = KnownSources(clock)
        self._under_way = UnderWay(clock)
        self._shared = shared
        self._untold: set[asyncio.Task[None]] = set()

    def guess(self, name: str, user: str, version: int, address: Address, secret: bytes) -> Guess | None:
        """None where nothing is counted. For the parameters see `Guesses.make`."""
        return self._guesses.make(name, user, version, address, secret)

    async def take(self, guess: Guess) -> Guess | Held:
        """The guess as it's counted, or why it may not be made.

        While it depends on others that are under way, it waits: clients of a whole office come at once. The
        very same is asked about once, and then all know; if it was right, the others go on together.
        """
        asked = False
        for _ in range(_TURNS):
            if not guess.is_from_known_place and guess.origin in self._known:
                guess = guess.from_known_place()
            if not await self._under_way.outcome(guess.mark):
                return Held.UNDECIDED
            standing = await self._take(guess)
            if standing is Standing.OPEN:
                return guess
            if not guess.is_from_known_place and not asked and self._shared is not None:
                asked = True
                if await self._shared.knows(guess.origin):
                    self._known.learn(guess.origin)
                    continue
            if standing is not Standing.BUSY:
                return Held.TOO_MANY if standing is Standing.CLOSED else Held.WRONG
            await asyncio.sleep(_TURN_SECONDS)
        return Held.TOO_MANY

    def closed(self, guess: Guess) -> list[Budget]:
        """The budgets that keep such a guess from being made, as far as this process knows."""
        is_known = guess.origin in self._known
        budgets = (guess.from_known_place() if is_known else guess).budgets
        return [one for one in budgets if self._counters.standing([one], "") is Standing.CLOSED]

    def wrong(self, guess: Guess) -> None:
        """Nobody was let in by it."""
        self._counters.fail(guess.budgets, guess.mark)
        self._under_way.wrong(guess.mark)
        self._tell(lambda shared: shared.fail(guess.budgets, guess.mark))

    def undecided(self, guess: Guess) -> None:
        """Nobody could say whether it was right."""
        self._counters.withdraw(guess.budgets, guess.mark)
        self._under_way.undecided(guess.mark)
        self._tell(lambda shared: shared.withdraw(guess.budgets, guess.mark))

    def give_back(self, guess: Guess) -> None:
        """No backend was asked about it."""
        self._give_back(guess)
        self._tell(lambda shared: shared.withdraw(guess.budgets, guess.mark))

    def put_off(self, guess: Guess) -> None:
        """Its outcome will come late. The very same is undecided until then."""
        self._under_way.put_off(guess.mark)

    def right(self, guess: Guess) -> None:
        """It was no guess, but the user."""
        self._counters.forgive(guess.pair, guess.others, guess.mark)
        self._under_way.right(guess.mark)
        self._tell(lambda shared: shared.forgive(guess.pair, guess.others, guess.mark))
        self._learn(guess.origin)

    def welcome(self, user: str, address: Address) -> None:
        """The user has logged in from there by an app password."""
        self._learn(origin(user, address))

    async def _take(self, guess: Guess) -> Standing:
        if self._counters.is_full and self._is_one_more_name(guess):
            return Standing.CLOSED
        together = self._under_way.was_right(guess.mark)
        standing = self._counters.take(guess.budgets, guess.mark, together=together)
        if standing is not Standing.OPEN:
            return standing
        self._under_way.begin(guess.mark)
        if self._shared is None:
            return standing
        try:
            shared = await self._shared.take(guess.budgets, guess.mark, together)
        except asyncio.CancelledError:
            self._give_back(guess)
            raise
        if shared is None:
            return Standing.OPEN
        standing, counts = shared
        self._counters.hear(guess.others, counts[1:])
        if standing is not Standing.OPEN:
            self._give_back(guess)
        return standing

    def _give_back(self, guess: Guess) -> None:
        """No backend was asked."""
        self._counters.withdraw(guess.budgets, guess.mark)
        self._under_way.given_back(guess.mark)

    def _is_one_more_name(self, guess: Guess) -> bool:
        """Whether it would begin a budget for a source that has failed before and isn't the user's."""
        if guess.is_from_known_place or self._counters.remembers(guess.pair):
            return False
        of_the_source = [one for one in guess.others if one.kind in ("source", "site")]
        return not of_the_source or any(self._counters.remembers(one) for one in of_the_source)

    def _learn(self, origin: str) -> None:
        if self._known.learn(origin):
            self._tell(lambda shared: shared.learn(origin))

    def _tell(self, call: Callable[[Shared], Coroutine[Any, Any, None]]) -> None:
        """In the background: what a client is told doesn't depend on it."""
        if self._shared is None or len(self._untold) >= _MOST_UNTOLD:
            return
        task = asyncio.ensure_future(call(self._shared))
        self._untold.add(task)
        task.add_done_callback(self._untold.discard)
