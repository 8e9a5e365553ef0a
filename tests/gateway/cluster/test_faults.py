"""CACHE-04: something is broken while a right is taken away. Nobody gets in by it for longer than the lease,
nobody else is told that a password is wrong, and live sessions end as soon as the node can hear of it."""

import asyncio
import time

import pytest
import pytest_asyncio

from store.database import StoreUnavailable
from tests.gateway.cluster.doors import (
    is_closed,
    is_let_in_everywhere,
    is_refused_everywhere,
    somebody,
    until_answered,
)
from tests.revocation.kinds import block, delete
from tests.revocation.visits import Answer, Stay, attempt
from tests.servers.cluster import open_cluster
from tests.servers.cluster_config import QUICK
from tests.servers.postgresql import PostgreSql

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

LEASE = 3.0
SETTINGS = QUICK + f"lease_seconds = {LEASE}\n"


@pytest.fixture(scope="module")
def primary():
    with PostgreSql() as primary:
        yield primary


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fragile(tmp_path_factory, authority, primary):
    """Three nodes, and cables that the tests break."""
    folder = tmp_path_factory.mktemp("fragile")
    async with open_cluster(folder, authority, [primary], SETTINGS) as cluster:
        yield cluster
        for node in cluster.nodes:
            assert "Traceback" not in node.gateway.log()


@pytest_asyncio.fixture(loop_scope="module")
async def cluster(fragile):
    """Whatever a test broke, everybody who may is let in again."""
    yield fragile
    good = await somebody(fragile.people)
    for node in fragile.nodes:
        assert await until_answered(node, good, Answer.YES) <= {Answer.LATER}


async def taken_away(cluster, right, how=delete):
    await asyncio.to_thread(how, cluster.people, right)


async def staying(cluster, right):
    return [await Stay.begin(node, right, "imap") for node in cluster.nodes]


async def test_cache_04_the_connections_of_the_feed_and_of_the_nudges_are_silently_dead(cluster):
    right = await somebody(cluster.people)
    stays = await staying(cluster, right)
    for node in cluster.nodes:
        for cable in node.cables:
            cable.lose()
    await taken_away(cluster, right)
    for stay in stays:
        await is_closed(stay)
    await is_refused_everywhere(cluster, right)


async def test_cache_04_a_node_that_is_cut_off_lets_nobody_in_once_the_lease_is_over(cluster):
    right, other = await somebody(cluster.people), await somebody(cluster.people)
    await is_let_in_everywhere(cluster, other)
    stays = await staying(cluster, right)
    *others, lonely = cluster.nodes
    with lonely.cut_off():
        await taken_away(cluster, right)
        for node, stay in zip(others, stays, strict=False):
            assert await until_answered(node, right, Answer.NO) <= {Answer.YES, Answer.LATER}
            await is_closed(stay)
        for one in (right, other):
            assert await until_answered(lonely, one, Answer.LATER) <= {Answer.YES}
        for one in (right, other, right):
            assert (await attempt(lonely, one)).answer is Answer.LATER
    assert await until_answered(lonely, right, Answer.NO) <= {Answer.LATER}
    await is_closed(stays[-1])
    for node in cluster.nodes:
        assert await until_answered(node, other, Answer.YES) <= {Answer.LATER}


async def test_cache_04_a_node_that_was_stopped_and_goes_on_lets_nobody_in_by_what_it_remembers(cluster):
    """Not even while it can't find out what has happened."""
    right, other = await somebody(cluster.people), await somebody(cluster.people)
    for one in (right, other):
        await is_let_in_everywhere(cluster, one)
    stays = await staying(cluster, right)
    stopped = cluster.nodes[1]
    with stopped.cut_off():
        with stopped.frozen():
            await taken_away(cluster, right, block)
            waiting = [asyncio.create_task(attempt(stopped, one)) for one in (right, other) * 5]
            await asyncio.to_thread(time.sleep, LEASE)  # a process that is stopped shows nothing of it
        assert {(await one).answer for one in waiting} == {Answer.LATER}
    assert await until_answered(stopped, right, Answer.NO) <= {Answer.LATER}
    for stay in stays:
        await is_closed(stay)
    assert await until_answered(stopped, other, Answer.YES) <= {Answer.LATER}


async def test_cache_04_a_node_that_is_cut_off_ends_its_sessions_where_that_is_wanted(
    tmp_path, authority, primary
):
    settings = SETTINGS + f"blind_seconds = {LEASE}\n"
    async with open_cluster(tmp_path, authority, [primary], settings, environments=[{}, {}]) as cluster:
        right = await somebody(cluster.people)
        stays = await staying(cluster, right)
        with cluster.nodes[-1].cut_off():
            await is_closed(stays[-1])
            for stay in stays[:-1]:
                assert not stay.is_over
        assert await until_answered(cluster.nodes[-1], right, Answer.YES) <= {Answer.LATER}
        for stay in stays[:-1]:
            assert not stay.is_over
            stay.end()


async def test_cache_04_postgresql_fails_over_to_its_standby(tmp_path, authority):
    with PostgreSql() as primary, primary.standby() as standby:
        await asyncio.to_thread(primary.require_standby)
        async with open_cluster(tmp_path, authority, [primary, standby], SETTINGS) as cluster:
            right, other = await somebody(cluster.people), await somebody(cluster.people)
            before = await somebody(cluster.people)
            stays, lasting = await staying(cluster, right), await staying(cluster, other)
            await taken_away(cluster, before)
            await asyncio.to_thread(primary.stop, "immediate")
            with pytest.raises(StoreUnavailable):
                await taken_away(cluster, right)
            for node in cluster.nodes:
                assert await until_answered(node, other, Answer.LATER) <= {Answer.YES}
            await asyncio.to_thread(standby.promote)
            await taken_away(cluster, right)
            for stay in stays:
                await is_closed(stay)
            for one in (right, before):
                await is_refused_everywhere(cluster, one)
            for node in cluster.nodes:
                assert await until_answered(node, other, Answer.YES) <= {Answer.LATER}
            for stay in lasting:
                assert not stay.is_over
                stay.end()
