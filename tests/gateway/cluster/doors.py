"""What is asked of a cluster's doors. Every wait has an end, which is far beyond what is promised."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.gateway.client import Client
from tests.gateway.dialects import DIALECTS
from tests.gateway.people import People
from tests.revocation.kinds import Right
from tests.revocation.visits import Answer, Stay, attempt
from tests.servers.cluster import Cluster
from tests.servers.node import Node

MAIN_WORD = "main password"
_SECONDS = 40.0


async def somebody(people: People, mfa: str = "enforced") -> Right:
    """A new user with an app password."""

    def added() -> Right:
        login = people.add(f"{uuid.uuid4().hex}@example.test", mfa)
        given = people.give(login)
        return Right(login, given.secret, given.id)

    return await asyncio.to_thread(added)


@asynccontextmanager
async def entered(node: Node, right: Right, protocol: str) -> AsyncIterator[Client]:
    """A client that is in, until the end of the block."""
    dialect, gateway = DIALECTS[protocol], node.gateway
    client = await Client.connect(gateway.ports[protocol + "s"], tls=gateway.client_context())
    try:
        await dialect.greeting(client)
        await client.send(dialect.login(right.login, right.secret))
        assert (await client.line()).startswith(dialect.accepted)
        yield client
    finally:
        client.abort()


async def until_answered(node: Node, right: Right, wanted: Answer) -> set[Answer]:
    """Log in there again and again until that is the answer; what it was before. Raises AssertionError."""
    before: set[Answer] = set()
    end = time.monotonic() + _SECONDS
    while (answer := (await attempt(node, right)).answer) is not wanted:
        assert time.monotonic() < end, f"{wanted} never came, but {before}"
        before.add(answer)
    return before


async def is_let_in_everywhere(cluster: Cluster, right: Right) -> None:
    for node in cluster.nodes:
        assert (await attempt(node, right)).answer is Answer.YES


async def is_refused_everywhere(cluster: Cluster, right: Right) -> None:
    """Soon at every door, and then for good."""
    before = await asyncio.gather(*(until_answered(node, right, Answer.NO) for node in cluster.nodes))
    assert set().union(*before) <= {Answer.YES, Answer.LATER}
    for node in cluster.nodes:
        assert (await attempt(node, right)).answer is Answer.NO


async def is_closed(stay: Stay) -> None:
    assert await stay.closed_at(time.monotonic() + _SECONDS) is not None
    stay.end()
