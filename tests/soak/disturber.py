"""Ends the gateway and the server behind it at random moments, and starts them again."""

import random
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.servers.gateway import Gateway
from tests.servers.postfix import Postfix
from tests.soak.ledger import Ledger

GATEWAY_KILLED, GATEWAY_RESTARTED, POSTFIX_KILLED = "gateway SIGKILL", "gateway SIGTERM", "Postfix SIGKILL"
STRIKES = frozenset((GATEWAY_KILLED, GATEWAY_RESTARTED, POSTFIX_KILLED))


@dataclass(frozen=True, slots=True)
class Pace:
    """A strike comes `least` to `most` seconds after as many letters as `letters` were acknowledged."""

    letters: int
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Disturber:
    """`strikes` maps each kind of strike to what does it; it returns when the server is back."""

    ledger: Ledger
    pace: Pace
    chance: random.Random
    strikes: Mapping[str, Callable[[], None]]

    def disturb(self) -> None:
        """Until the run is finished."""
        for kind in self._kinds():
            # Somebody has to get something done in between, or the run never ends on a slow machine.
            if not self.ledger.wait_for_more(self.pace.letters):
                return
            if self.ledger.finished.wait(self.chance.uniform(self.pace.least, self.pace.most)):
                return
            self.strikes[kind]()
            self.ledger.strike(kind)

    def _kinds(self) -> Iterator[str]:
        while True:
            yield from self.chance.sample(sorted(self.strikes), len(self.strikes))


def disturbers(
    ledger: Ledger, gateway: Gateway, postfix: Postfix, pace: Pace, seed: int
) -> tuple[Disturber, ...]:
    """One for each server, so that at times both are down."""

    def kill_gateway() -> None:
        gateway.stop(signal.SIGKILL)
        gateway.start()

    def restart_gateway() -> None:
        code = gateway.stop(signal.SIGTERM)
        assert code == 0, f"the gateway left with {code} after SIGTERM:\n{gateway.log()[-4000:]}"
        gateway.start()

    def kill_postfix() -> None:
        postfix.kill()
        postfix.start()

    gates = {GATEWAY_KILLED: kill_gateway, GATEWAY_RESTARTED: restart_gateway}
    return (
        Disturber(ledger, pace, random.Random(f"{seed} gateway"), gates),
        Disturber(ledger, pace, random.Random(f"{seed} postfix"), {POSTFIX_KILLED: kill_postfix}),
    )
