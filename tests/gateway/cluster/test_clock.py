"""CACHE-12: nodes whose clocks differ by ten minutes come to the same verdicts."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from store import app_passwords, users
from store.hashing import Argon2
from store.pepper import load_pepper
from tests.gateway.cluster.doors import (
    is_closed,
    is_let_in_everywhere,
    is_refused_everywhere,
    somebody,
)
from tests.revocation.kinds import Right, block, delete
from tests.revocation.visits import Stay
from tests.servers.cluster import open_cluster
from tests.servers.faketime import shifted
from tests.servers.redis import RedisServer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(120)]

CLOCKS = [shifted("-5m"), {}, shifted("+5m")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(tmp_path_factory, authority, postgresql):
    folder = tmp_path_factory.mktemp("clocks")
    with RedisServer() as redis:
        async with open_cluster(folder, authority, [postgresql], redis=redis, environments=CLOCKS) as cluster:
            yield cluster


def ending(cluster, login, minutes):
    """An app password of the user that ends so many minutes from now."""
    database, pepper = cluster.people.database, load_pepper(cluster.nodes[0].gateway.folder / "pepper")
    owner, end = users.find(database, login), datetime.now(UTC) + timedelta(minutes=minutes)
    made, secret = app_passwords.create(
        database,
        pepper,
        Argon2(8, 1, 1),
        owner.id,
        "x",
        ["imap"],
        expires_at=end,
        limit=40,
        actor="test",
    )
    return Right(login, secret, made.id)


async def test_the_clocks_are_what_they_are_said_to_be(cluster):
    minutes = [node.gateway.log().partition("timestamp=")[2][:16] for node in cluster.nodes]
    assert len(set(minutes)) == len(minutes)


@pytest.mark.parametrize("how", [delete, block])
async def test_cache_12_what_is_taken_away_is_refused_everywhere_whatever_the_clocks_say(cluster, how):
    right, other = await somebody(cluster.people), await somebody(cluster.people)
    for one in (right, other):
        await is_let_in_everywhere(cluster, one)
    stays = [await Stay.begin(node, right, "imap") for node in cluster.nodes]
    await asyncio.to_thread(how, cluster.people, right)
    for stay in stays:
        await is_closed(stay)
    await is_refused_everywhere(cluster, right)
    await is_let_in_everywhere(cluster, other)


async def test_cache_12_an_app_password_with_an_end(cluster):
    """The clocks of all nodes agree on those that end, or have ended, further away than they differ."""
    login = (await somebody(cluster.people)).login
    await is_let_in_everywhere(cluster, await asyncio.to_thread(ending, cluster, login, 60))
    await is_refused_everywhere(cluster, await asyncio.to_thread(ending, cluster, login, -60))
