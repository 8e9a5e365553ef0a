"""The whole of a measurement: prepare, break something, revoke, and see how long that takes."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.revocation.crowd import Crowd
from tests.revocation.faults import NO_FAULT, Fault
from tests.revocation.kinds import KINDS, Right
from tests.revocation.report import Report
from tests.revocation.scene import Scene, open_scene
from tests.revocation.trial import Outcome, Trial

_CROWD = 60  # people, who are remembered after their first login
_THREADS = 40
_AT_ONCE = 8  # that are prepared
_AFTERWARDS = 10.0  # seconds in which something is still revoked after a fault is over


@dataclass(frozen=True, slots=True)
class Plan:
    """So many revocations, `wave` of them at a time and `pace` a second, under `rate` logins a second."""

    revocations: int
    fault: Fault = NO_FAULT
    wave: int = 100
    pace: float = 10.0
    rate: float = 50.0


async def run(plan: Plan, say: Callable[[str], None] = lambda line: None) -> Report:
    """With servers of its own. Where there is a fault, all is one wave, and the fault is in it."""
    # More threads than wait for a store that is away.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
    async with open_scene(plan.fault.sentinels) as scene:
        rights = await asyncio.to_thread(_crowd, scene)
        crowd = Crowd(scene.cluster.nodes, rights, plan.rate)
        crowd.begin()
        try:
            outcomes = await _waves(plan, scene, say)
        finally:
            await crowd.end()
        return Report(plan.fault.what, plan.fault is NO_FAULT, outcomes, crowd.tries)


def _crowd(scene: Scene) -> list[Right]:
    people = scene.cluster.people
    rights = []
    for number in range(_CROWD):
        login = people.add(f"crowd{number}@example.test", "enforced")
        rights.append(Right(login, people.give(login).secret))
    return rights


async def _waves(plan: Plan, scene: Scene, say: Callable[[str], None]) -> list[Outcome]:
    kinds = itertools.cycle(KINDS)
    nodes, people = scene.cluster.nodes, scene.cluster.people
    trials = [Trial(number, next(kinds), people, nodes) for number in range(plan.revocations)]
    wave = plan.wave if plan.fault is NO_FAULT else plan.revocations
    outcomes: list[Outcome] = []
    for begin in range(0, len(trials), wave):
        some = trials[begin : begin + wave]
        await _prepare(some)
        say(f"{len(outcomes)} of {plan.revocations}, {len(some)} more prepared")
        outcomes += await _revoke(plan, scene, some)
    return outcomes


async def _prepare(trials: Sequence[Trial]) -> None:
    room = asyncio.Semaphore(_AT_ONCE)

    async def prepare(trial: Trial) -> None:
        async with room:
            await trial.prepare()

    await asyncio.gather(*map(prepare, trials))


async def _revoke(plan: Plan, scene: Scene, trials: Sequence[Trial]) -> list[Outcome]:
    """At the plan's pace, or spread over the fault and some time after it."""
    fault = plan.fault
    between = 1 / plan.pace if fault is NO_FAULT else (fault.seconds + _AFTERWARDS) / len(trials)
    broken = asyncio.create_task(fault.happen(scene, fault.seconds))
    revoked = []
    for trial in trials:
        revoked.append(asyncio.create_task(trial.revoke()))
        await asyncio.sleep(between)
    outcomes = await asyncio.gather(*revoked)
    await broken
    return outcomes
