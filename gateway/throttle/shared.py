"""What all nodes count together, as the throttle sees it."""

from collections.abc import Sequence
from typing import Protocol

from store.budget import Budget, Count, Standing


class Shared(Protocol):
    """Nothing is raised: None, or False, is the answer too when there is none."""

    async def take(
        self, budgets: Sequence[Budget], mark: str, together: bool
    ) -> tuple[Standing, Sequence[Count]] | None:
        """Whether the guess may be made; it has its place in the budgets then. And each budget's count.

        `together`: at the same time as the very same one, which was right a moment ago.
        """

    async def fail(self, budgets: Sequence[Budget], mark: str) -> None:
        """It was wrong."""

    async def withdraw(self, budgets: Sequence[Budget], mark: str) -> None:
        """It was not made after all."""

    async def forgive(self, pair: Budget, others: Sequence[Budget], mark: str) -> None:
        """It was right, and what went wrong with `pair` before was the user too."""

    async def knows(self, origin: str) -> bool:
        """Whether the user has logged in from this source."""

    async def learn(self, origin: str) -> None:
        """The user has."""
