"""Main passwords about which a backend is being asked, by clients who may leave before the answer.

The question goes on without them, and the throttle hears the answer: who leaves early has guessed too, and a
phone that lost its network with the right password has guessed nothing wrong.
"""

import asyncio
from functools import partial

from gateway.backend import Backend, BackendUnavailable, Opened
from gateway.directory_names import NoOwnEntry
from gateway.gatekeeper import Attempt
from gateway.judgement import PassThrough
from gateway.log import log
from gateway.throttle import Throttle
from protocols.dialogue import Outcome
from protocols.terms import Client
from store.guess import Guess

_Question = asyncio.Task[Opened]


class Questions:
    """Of all backends. The throttle hears of each how it ended."""

    __slots__ = ("_throttle", "_under_way")

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self._under_way: set[_Question] = set()

    async def ask(
        self, backend: Backend, verdict: PassThrough, attempt: Attempt, seconds: float | None
    ) -> Opened | None:
        """The backend's answer; None where there is none within `seconds`. Raises as `Backend.open` does."""
        client = Client(str(attempt.address).encode(), attempt.port, attempt.client.encode())
        question = asyncio.ensure_future(backend.open(verdict, attempt.credentials, client))
        self._under_way.add(question)
        question.add_done_callback(partial(self._end, verdict.guess))
        try:
            answered, _ = await asyncio.wait({question}, timeout=seconds)
        except BaseException:
            question.add_done_callback(_close)
            raise
        if answered:
            return question.result()
        question.add_done_callback(_close)
        if verdict.guess is not None:
            self._throttle.put_off(verdict.guess)
        return None

    def close(self) -> None:
        """Ask no more."""
        for question in list(self._under_way):
            question.cancel()

    def _end(self, guess: Guess | None, question: _Question) -> None:
        self._under_way.discard(question)
        if guess is None:
            return
        error = None if question.cancelled() else question.exception()
        if isinstance(error, NoOwnEntry):
            self._throttle.wrong(guess)
            return
        if question.cancelled() or error is not None:
            self._throttle.undecided(guess)
            return
        outcome = question.result().result.outcome
        if outcome is Outcome.ACCEPTED:
            self._throttle.right(guess)
        elif outcome is Outcome.REJECTED:
            self._throttle.wrong(guess)
        else:
            self._throttle.undecided(guess)


def _close(question: _Question) -> None:
    """The client has left, so the answer is for the throttle alone."""
    if question.cancelled():
        return
    error = question.exception()
    if error is None:
        question.result().connection.close()
    elif not isinstance(error, BackendUnavailable | NoOwnEntry):
        log.error("a login at the backend failed after its client had left", error=repr(error))
