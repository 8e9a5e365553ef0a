"""Nodes of two workers each: what is taken away on one node ends at every worker of the other."""

import asyncio
import os
import signal

import pytest
import pytest_asyncio

from gateway.control import ask, sockets
from tests.gateway.cluster.doors import is_closed, somebody, until_answered
from tests.revocation.kinds import delete
from tests.revocation.visits import Answer, Stay, attempt
from tests.servers.cluster import open_cluster

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

WATCHED = {"WATCHDOG_USEC": "5000000"}  # as systemd sets it
MOST = 60  # sessions until each worker has one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(tmp_path_factory, authority, postgresql):
    folder = tmp_path_factory.mktemp("workers")
    async with open_cluster(
        folder, authority, [postgresql], environments=[WATCHED, WATCHED], workers=2
    ) as cluster:
        yield cluster


def sessions_by_worker(node, right):
    """How many of the user's sessions each worker has, by the worker's process."""
    found = {}
    for path in sockets(node.gateway.folder / "control.sock")[1:]:
        told = ask(path, {"command": "sessions"})["sessions"]
        found[int(path.stem.rpartition("-")[2])] = [one["login"] for one in told].count(right.login)
    return found


async def in_at_each_worker(node, right):
    """Sessions of the user, at least one with each worker."""
    stays = []
    while not all(sessions_by_worker(node, right).values()):
        assert len(stays) < MOST
        stays.append(await Stay.begin(node, right, "imap"))
    return stays


async def is_refused(node, right):
    await until_answered(node, right, Answer.NO)
    for _ in range(10):
        assert (await attempt(node, right)).answer in (Answer.NO, Answer.LATER)
    await until_answered(node, right, Answer.NO)


async def test_cache_02_a_live_session_at_each_worker_of_another_node(cluster):
    right = await somebody(cluster.people)
    stays = await in_at_each_worker(cluster.nodes[1], right)
    command = ("app-password", "delete", right.login, right.app_password)
    await asyncio.to_thread(cluster.nodes[0].gateway.run, *command)
    for stay in stays:
        await is_closed(stay)
    for node in cluster.nodes:
        await is_refused(node, right)


async def test_cache_04_a_worker_that_is_stopped_and_never_goes_on(cluster):
    """Its supervisor misses its signs of life, and ends it with all its sessions."""
    right = await somebody(cluster.people)
    node = cluster.nodes[1]
    stays = await in_at_each_worker(node, right)
    os.kill(next(iter(sessions_by_worker(node, right))), signal.SIGSTOP)
    await asyncio.to_thread(delete, cluster.people, right)
    for stay in stays:
        await is_closed(stay)
    await is_refused(node, right)
