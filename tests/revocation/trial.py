"""One revocation, and how long each node took to obey it."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from store.database import StoreUnavailable
from tests.gateway.people import People
from tests.revocation.kinds import BY_MAIN_PASSWORD, KINDS, Right
from tests.revocation.visits import Answer, Stay, attempt
from tests.servers.node import Node

PROTOCOLS = ("imap", "smtp", "pop3", "sieve")
_BETWEEN_TRIES, _BETWEEN_ORDERS = 0.02, 0.1
_TRIES_PER_AGE = 50  # the pause is this share of the time since the change
_PATIENCE = 120.0  # more than any fault lasts


@dataclass(slots=True)
class Outcome:
    """Seconds after the change was reported as done, for each node.

    `yes` is when the last login that began after it was let in, 0 if none was; `refused` when the first one
    began that was refused for good; `closed` when the live session's socket was closed, None if never.
    """

    kind: str
    yes: list[float] = field(default_factory=list)
    refused: list[float | None] = field(default_factory=list)
    closed: list[float | None] = field(default_factory=list)
    later: int = 0


class Trial:
    """`prepare` while all is well, then `revoke`."""

    def __init__(self, number: int, kind: str, people: People, nodes: Sequence[Node]) -> None:
        self._number, self._kind = number, kind
        self._people, self._nodes = people, nodes
        self._stays: list[Stay] = []
        self._right: Right | None = None

    async def prepare(self) -> None:
        """Somebody new is in at every node, by another protocol at each."""
        self._right = await asyncio.to_thread(self._somebody_new)
        for index, node in enumerate(self._nodes):
            protocol = PROTOCOLS[(self._number + index) % len(PROTOCOLS)]
            self._stays.append(await Stay.begin(node, self._right, protocol))

    async def revoke(self) -> Outcome:
        """Take the right away, and knock at every door until it's refused and the sessions are closed."""
        outcome = Outcome(self._kind)
        done = await self._revoke_until_done()
        knocks = await asyncio.gather(*(self._knock(node, done, outcome) for node in self._nodes))
        outcome.yes = [yes for yes, _ in knocks]
        outcome.refused = [refused for _, refused in knocks]
        for stay in self._stays:
            closed = await stay.closed_at(done + _PATIENCE)
            outcome.closed.append(None if closed is None else max(0.0, closed - done))
            stay.end()
        return outcome

    def _somebody_new(self) -> Right:
        login = f"user{self._number}@example.test"
        if self._kind in BY_MAIN_PASSWORD:
            return Right(self._people.add(login, "disabled"), "main password")
        given = self._people.give(self._people.add(login, "enforced"))
        return Right(login, given.secret, given.id)

    async def _revoke_until_done(self) -> float:
        """As an administrator would, who is told that it can't be done now. When it was reported as done."""
        until = time.monotonic() + _PATIENCE
        while (done := await asyncio.to_thread(self._revoked)) is None:
            assert time.monotonic() < until, "the store does not come back"
            await asyncio.sleep(_BETWEEN_ORDERS)
        return done

    def _revoked(self) -> float | None:
        assert self._right is not None
        try:
            KINDS[self._kind](self._people, self._right)
        except StoreUnavailable:
            return None
        return time.monotonic()

    async def _knock(self, node: Node, done: float, outcome: Outcome) -> tuple[float, float | None]:
        assert self._right is not None
        yes = 0.0
        while time.monotonic() < done + _PATIENCE:
            tried = await attempt(node, self._right)
            match tried.answer:
                case Answer.NO:
                    return yes, tried.began - done
                case Answer.YES:
                    yes = tried.ended - done
                case Answer.LATER:
                    outcome.later += 1
            # The longer it takes, the less often: else thousands of tries would use up the machine's ports.
            await asyncio.sleep(max(_BETWEEN_TRIES, (time.monotonic() - done) / _TRIES_PER_AGE))
        return yes, None
