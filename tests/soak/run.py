"""A run of the soak test: senders, gateway and Postfix, and what comes of it."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.gateway.before_dovecot import MAIN, Mailhouse, new_dovecot, open_mailhouse, table
from tests.servers.certificates import Authority
from tests.servers.postfix import Postfix
from tests.soak.disturber import STRIKES, Pace, disturbers
from tests.soak.judgement import Arrival, Judgement, arrivals_in, judge
from tests.soak.ledger import Ledger
from tests.soak.letter import PEOPLE
from tests.soak.queue import wait_until_empty
from tests.soak.sender import Sender

# A queue id is not used again while the run goes on, and what Postfix could not deliver it soon tries again.
_POSTFIX = """
enable_long_queue_ids = yes
in_flow_delay = 0
queue_run_delay = 2s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
transport_retry_time = 2s
"""
_PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Plan:
    """`messages` are to be acknowledged; everything that is up to chance comes from `seed`."""

    messages: int
    seed: int
    pace: Pace
    senders: int = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, and how it was judged. `logs` is a folder with the servers' logs if there are faults."""

    ledger: Ledger
    judgement: Judgement
    seconds: float
    logs: Path | None

    def __str__(self) -> str:
        ledger, judgement = self.ledger, self.judgement
        unknown = ledger.begun - len(ledger.acknowledged)
        lines = [
            f"sent           {ledger.begun}",
            f"acknowledged   {len(ledger.acknowledged)}",
            f"unknown        {unknown}, of which {judgement.arrived_unacknowledged} arrived",
            *(f"{kind:<14} {ledger.strikes[kind]}" for kind in sorted(STRIKES)),
            f"connections    {sum(ledger.failures.values())} failed: {_counted(ledger.failures)}",
            f"copies         {judgement.copies} by Postfix, from one queue file",
            f"doubles        {judgement.doubles} by the gateway",
            f"duration       {self.seconds:.0f} s",
            f"faults         {len(judgement.faults)}",
            *(f"  {fault}" for fault in judgement.faults[:20]),
            *([f"logs           {self.logs}"] if self.logs else []),
        ]
        return "\n".join(lines)


def run(plan: Plan, say: Callable[[str], None] = lambda line: None) -> Outcome:
    """The whole of it, with servers of its own. Raises AssertionError if it does not get on."""
    began = time.monotonic()
    ledger = Ledger(plan.messages, STRIKES)
    with _servers() as (house, postfix):
        _send(plan, ledger, house, postfix, say)
        say("waiting for Postfix to deliver what it has taken")
        wait_until_empty(postfix.folder / "queue", _PATIENCE)
        postfix.stop()
        judgement = judge(plan.seed, ledger.begun, ledger.acknowledged, _arrivals(postfix, plan.seed))
        logs = _kept(house.gateway.log_file, postfix.folder / "log") if judgement.faults else None
    return Outcome(ledger, judgement, time.monotonic() - began, logs)


@contextmanager
def _servers() -> Iterator[tuple[Mailhouse, Postfix]]:
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        new_dovecot() as dovecot,
        Postfix(MAIN, dovecot.sasl, _POSTFIX) as postfix,
    ):
        address = f'"localhost:{postfix.port("xclient", "starttls")}"'
        backend = table("smtp", address, "xclient", "starttls", postfix.ca_file)
        limits, authority = "drain_seconds = 1\n", Authority(Path(folder))
        with open_mailhouse(Path(folder), authority, dovecot, backend, limits=limits) as house:
            yield house, postfix


def _send(plan: Plan, ledger: Ledger, house: Mailhouse, postfix: Postfix, say: Callable[[str], None]) -> None:
    """Returns when all threads have ended. Raises what one of them has raised."""
    senders = [Sender(house, ledger, plan.seed, index) for index in range(plan.senders)]
    breakers = disturbers(ledger, house.gateway, postfix, plan.pace, plan.seed)
    work = [*(sender.send for sender in senders), *(breaker.disturb for breaker in breakers)]
    with ThreadPoolExecutor(len(work)) as pool:
        try:
            _watch([pool.submit(job) for job in work], ledger, say)
        finally:
            ledger.abandon()


def _watch(threads: list[Future[None]], ledger: Ledger, say: Callable[[str], None]) -> None:
    known, changed = 0, time.monotonic()
    while (state := wait(threads, timeout=5, return_when=FIRST_EXCEPTION)).not_done:
        if any(thread.exception() for thread in state.done):
            break
        now = len(ledger.acknowledged)
        say(f"{now} acknowledged of {ledger.begun}, {ledger.strikes.total()} strikes")
        if now > known:
            known, changed = now, time.monotonic()
        assert time.monotonic() - changed < _PATIENCE, (
            f"no message was acknowledged for {_PATIENCE} seconds; connections failed by"
            f" {_counted(ledger.failures)}; look for what the gateway has logged"
        )
    for thread in state.done:
        thread.result()


def _arrivals(postfix: Postfix, seed: int) -> Iterator[Arrival]:
    for box in PEOPLE:
        yield from arrivals_in(postfix.maildir(box), box, seed)


def _kept(*logs: Path) -> Path:
    """The same choices do not bring the same moments, so a fault may not be seen again."""
    folder = Path(tempfile.mkdtemp(prefix="soak-logs-"))
    for log in logs:
        shutil.copy(log, folder)
    return folder


def _counted(reasons: dict[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items())) or "none"
