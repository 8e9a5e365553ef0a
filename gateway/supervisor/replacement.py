"""Replaces the workers one after the other: the next one serves before the last one is told to end."""

from collections.abc import Callable

from gateway.supervisor.crew import Crew, Hand
from gateway.supervisor.provision import Provision


class NotReplaced(Exception):
    """A new worker could not begin. `some`: others before it could, and serve with the new configuration."""

    def __init__(self, number: int, some: int) -> None:
        first = f"the first {some} serve with the new configuration, the others" if some else "all workers"
        super().__init__(
            f"the new worker {number} could not begin and its lines say why; {first} go on with the old "
            "configuration. Correct it and reload again"
        )
        self.some = some


async def replace(crew: Crew, provision: Provision, before_the_last: Callable[[], None]) -> None:
    """Raises `NotReplaced`. `before_the_last` is called when the last of the old ones is about to end.

    Whatever listens only for the old ones is closed there: clients would wait at it for ever.
    """
    old = {hand.number: hand for hand in crew.working}
    for number in range(1, provision.workers + 1):
        hand = crew.hire(number, provision)
        if await hand.began is not None:
            crew.retire(hand)
            raise NotReplaced(number, number - 1)
        if number in old:
            _retire(crew, old, number, before_the_last)
    for number in sorted(old):
        _retire(crew, old, number, before_the_last)


def _retire(crew: Crew, old: dict[int, Hand], number: int, before_the_last: Callable[[], None]) -> None:
    if len(old) == 1:
        before_the_last()
    crew.retire(old.pop(number))
