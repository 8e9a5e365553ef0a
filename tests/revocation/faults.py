"""What goes wrong meanwhile. Each breaks something at once, and mends it before it returns."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tests.revocation.scene import Scene

LEASE = 30.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`what` happens, in words, and takes `seconds`. `sentinels`: whether Redis is behind sentinels then."""

    what: str
    seconds: float
    happen: Callable[[Scene, float], Awaitable[None]]
    sentinels: bool = True


async def _nothing(scene: Scene, seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _postgresql_fails_over(scene: Scene, seconds: float) -> None:
    await asyncio.to_thread(scene.primary.stop, "immediate")
    await asyncio.sleep(seconds)
    await asyncio.to_thread(scene.standby.promote)


async def _postgresql_hangs(scene: Scene, seconds: float) -> None:
    """It takes connections, and says nothing. Whoever promotes the standby keeps it from coming back."""
    with contextlib.suppress(ProcessLookupError), scene.primary.frozen():
        await asyncio.sleep(seconds / 2)
        await asyncio.to_thread(scene.standby.promote)
        await asyncio.sleep(seconds / 2)
        await asyncio.to_thread(scene.primary.stop, "immediate")


async def _worker_stopped(scene: Scene, seconds: float) -> None:
    with scene.cluster.nodes[-1].frozen():
        await asyncio.sleep(seconds)


async def _node_cut_off(scene: Scene, seconds: float) -> None:
    with scene.cluster.nodes[-1].cut_off():
        await asyncio.sleep(seconds)


async def _connections_dead(scene: Scene, seconds: float) -> None:
    node = scene.cluster.nodes[-1]
    assert node.to_redis is not None, "behind sentinels there is no cable to break"
    for cable in (*node.cables, node.to_redis):
        cable.lose()
    await asyncio.sleep(seconds)


async def _redis_down(scene: Scene, seconds: float) -> None:
    assert scene.sentinels is not None
    for server in scene.sentinels.servers:
        await asyncio.to_thread(server.stop)
    await asyncio.sleep(seconds)
    for server in scene.sentinels.servers:
        await asyncio.to_thread(server.start)


async def _redis_silent(scene: Scene, seconds: float) -> None:
    """It takes connections, and says nothing; the sentinels go over to its replica."""
    assert scene.sentinels is not None
    with scene.sentinels.primary().frozen():
        await asyncio.sleep(seconds)


async def _redis_fails_over(scene: Scene, seconds: float) -> None:
    assert scene.sentinels is not None
    old = scene.sentinels.primary()
    await asyncio.to_thread(old.stop)
    await asyncio.to_thread(scene.sentinels.until_another_is_primary, old)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(old.start)


async def _nudges_silent(scene: Scene, seconds: float) -> None:
    """The processes of the server that would tell the nodes of changes stand still."""
    found = scene.primary.query("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%%'")
    for (pid,) in found:
        os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        for (pid,) in found:
            os.kill(pid, signal.SIGCONT)


NO_FAULT = Fault("all is well", 0, _nothing)
FAULTS: Mapping[str, Fault] = {
    "postgresql-failover": Fault("PostgreSQL is killed, its standby promoted", 5, _postgresql_fails_over),
    "postgresql-hangs": Fault("PostgreSQL hangs, its standby is promoted", 20, _postgresql_hangs),
    "worker-stopped": Fault("a node is stopped by SIGSTOP, and goes on", 30, _worker_stopped),
    "node-cut-off": Fault("a node hears nothing of PostgreSQL", 45, _node_cut_off),
    "connections-dead": Fault("a node's connections die silently, all of them", 20, _connections_dead, False),
    "nudges-silent": Fault("no nudge of PostgreSQL comes any more", 20, _nudges_silent),
    "redis-down": Fault("Redis is down", 20, _redis_down),
    "redis-silent": Fault("Redis says nothing any more", 20, _redis_silent),
    "redis-failover": Fault("Redis is killed, its replica promoted", 20, _redis_fails_over),
}
