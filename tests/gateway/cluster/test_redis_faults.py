"""CACHE-04 and 05 with Redis: it is down, silent, or fails over to a replica that has missed something."""

import asyncio
import time
from contextlib import contextmanager

import pytest
import pytest_asyncio
from redis.exceptions import RedisError

from tests.gateway.cluster.doors import (
    is_closed,
    is_let_in_everywhere,
    is_refused_everywhere,
    somebody,
)
from tests.revocation.kinds import delete
from tests.revocation.visits import Stay
from tests.servers.cluster import open_cluster
from tests.servers.redis import behind_sentinels

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def redis():
    with behind_sentinels() as sentinels:
        yield sentinels


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(tmp_path_factory, authority, postgresql, redis):
    folder = tmp_path_factory.mktemp("with-redis")
    async with open_cluster(folder, authority, [postgresql], redis=redis) as cluster:
        yield cluster
        for node in cluster.nodes:
            assert "Traceback" not in node.gateway.log()


@pytest.fixture(autouse=True)
def whole_again(redis):
    """After each fault there is a primary with its replica again, and all sentinels know."""
    yield
    end = time.monotonic() + 40
    while not is_whole(redis):
        assert time.monotonic() < end, [one.log() for one in redis.sentinels]
        time.sleep(0.1)


def is_whole(redis):
    try:
        role, _, replicas = redis.primary().ask("ROLE")
    except RedisError:
        return False
    return role == b"master" and len(replicas) == 1 and all(map(sees_both, redis.sentinels))


def sees_both(sentinel):
    with sentinel.client() as client:
        replicas = client.sentinel_slaves("mymaster")
        told = [client.sentinel_master("mymaster")["flags"], *(one["flags"] for one in replicas)]
    return len(told) == 2 and not any("down" in str(flags) for flags in told)


@contextmanager
def down(redis):
    for server in redis.servers:
        server.stop()
    yield
    for server in redis.servers:
        server.start()


@contextmanager
def silent(redis):
    with redis.primary().frozen():
        yield


@contextmanager
def failed_over(redis):
    old = redis.primary()
    old.stop()
    redis.until_another_is_primary(old)
    yield
    old.start()


@pytest.mark.parametrize("fault", [failed_over, silent, down])
async def test_cache_04_while_redis_fails_revocation_is_as_prompt_and_nobody_else_notices(
    cluster, redis, fault
):
    right, known, cold = [await somebody(cluster.people) for _ in range(3)]
    for one in (right, known):
        await is_let_in_everywhere(cluster, one)
    stays = [await Stay.begin(node, right, "imap") for node in cluster.nodes]
    with fault(redis):
        await is_let_in_everywhere(cluster, known)
        await asyncio.to_thread(delete, cluster.people, right)
        for stay in stays:
            await is_closed(stay)
        await is_refused_everywhere(cluster, right)
        for one in (known, cold):
            await is_let_in_everywhere(cluster, one)
    for one in (known, cold):
        await is_let_in_everywhere(cluster, one)
    await is_refused_everywhere(cluster, right)


async def test_cache_05_what_redis_has_forgotten_again_brings_no_verdict_back(cluster, redis):
    """Replication is asynchronous: a replica may be promoted that shows Redis as it was some time ago."""
    right, good = await somebody(cluster.people), await somebody(cluster.people)
    for one in (right, good):
        await is_let_in_everywhere(cluster, one)
    before = redis.primary().everything()
    assert before
    await asyncio.to_thread(delete, cluster.people, right)
    await is_refused_everywhere(cluster, right)
    with failed_over(redis):
        new = redis.primary()
        new.ask("FLUSHALL")
        for key, value in before.items():
            new.ask("SET", key, value)
        for how in ("stop", "start"):  # so that none has anything in memory
            calls = [getattr(node.gateway, how) for node in cluster.nodes]
            await asyncio.gather(*map(asyncio.to_thread, calls))
        await is_refused_everywhere(cluster, right)
        await is_let_in_everywhere(cluster, good)
