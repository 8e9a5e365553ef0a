"""Several gateways on one store, each with cables of its own to the servers that all of them use."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from config import Cache
from store.redis.announcing import Announcer
from store.redis.keys import create_cache_key
from tests.gateway.dialects import DIALECTS
from tests.gateway.people import People
from tests.servers.cables import Cables
from tests.servers.certificates import Authority
from tests.servers.cluster_config import QUICK, backends
from tests.servers.node import Node, Shared, new_node
from tests.servers.postgresql import PostgreSql, address
from tests.servers.recorder import Recorder
from tests.servers.redis import RedisServer, Sentinels


@dataclass(frozen=True, slots=True)
class Cluster:
    """`people` are in the store that all nodes use. `backends` by protocol stand behind every node."""

    nodes: Sequence[Node]
    people: People
    backends: Mapping[str, Recorder]
    database: str


@asynccontextmanager
async def open_cluster(
    folder: Path,
    authority: Authority,
    servers: Sequence[PostgreSql],
    settings: str = "",
    *,
    protocols: Sequence[str] = ("imap",),
    redis: RedisServer | Sentinels | None = None,
    environments: Sequence[Mapping[str, str]] = ({}, {}, {}),
    workers: int = 0,
) -> AsyncIterator[Cluster]:
    """As many nodes as `environments` on those database servers, of which the first takes writes.

    Each has so many workers, or is one process with 0. `settings` is TOML for each of them; each protocol
    gets a recording backend.
    """
    async with AsyncExitStack() as stack:
        cables = stack.enter_context(Cables())
        database = await asyncio.to_thread(servers[0].new_database)
        recorders = {}
        for name in protocols:
            recorders[name] = await stack.enter_async_context(Recorder(speech=DIALECTS[name].speech))
        text = settings if "[limits]" in settings else QUICK + settings
        text += backends({name: one.port for name, one in recorders.items()})
        announce = _announcer(folder, redis)
        stack.callback(announce.close)
        people = await asyncio.to_thread(People, folder, address([*servers], database), announce)
        stack.callback(people.close)
        shared = Shared(folder, authority, servers, redis, database, text, cables)
        nodes = [new_node(shared, *numbered) for numbered in enumerate(environments, 1)]
        for node in nodes:
            node.gateway.arguments = ("--workers", str(workers))
        stack.push_async_callback(_all, [node.gateway.stop for node in nodes])
        await _all([node.gateway.start for node in nodes])
        yield Cluster(nodes, people, recorders, database)


async def _all(calls: Sequence[Callable[[], object]]) -> None:
    await asyncio.gather(*map(asyncio.to_thread, calls))


def _announcer(folder: Path, redis: RedisServer | Sentinels | None) -> Announcer:
    """What the command line has: it tells Redis of each change."""
    if redis is None:
        return Announcer(Cache())
    create_cache_key(folder / "cache-key")
    url = redis.url if isinstance(redis, Sentinels) else redis.url()
    return Announcer(Cache(url=url, key_file=folder / "cache-key"))
