"""Three nodes and all that is behind them, for one measurement."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.revocation.trial import PROTOCOLS
from tests.servers.certificates import Authority
from tests.servers.cluster import Cluster, open_cluster
from tests.servers.postgresql import PostgreSql
from tests.servers.redis import RedisServer, Sentinels, behind_sentinels


@dataclass(frozen=True, slots=True)
class Scene:
    """`standby` has each change before it is reported as done, so a failover loses none.

    `sentinels` stand before a Redis and its replica; None: there is one Redis, with a cable to each node.
    """

    cluster: Cluster
    primary: PostgreSql
    standby: PostgreSql
    sentinels: Sentinels | None


@asynccontextmanager
async def open_scene(sentinels: bool) -> AsyncIterator[Scene]:
    """With servers of its own, until the end of the block."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="revocation-")))
        primary = stack.enter_context(PostgreSql())
        standby = stack.enter_context(primary.standby())
        await asyncio.to_thread(primary.require_standby)
        redis = stack.enter_context(behind_sentinels() if sentinels else RedisServer())
        servers, authority = [primary, standby], Authority(folder)
        cluster = await stack.enter_async_context(
            open_cluster(folder, authority, servers, protocols=PROTOCOLS, redis=redis)
        )
        yield Scene(cluster, primary, standby, redis if isinstance(redis, Sentinels) else None)
        for node in cluster.nodes:
            assert "Traceback" not in node.gateway.log(), node.gateway.log()[-4000:]
