"""Redis nudges whoever follows the change feed, and nothing relies on it."""

import asyncio

import pytest
import pytest_asyncio

from tests.gateway.redis.caching import cached
from tests.gateway.site import GOOD, open_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

# Without nudges a change would be heard of after the time limit of the test only.
SLOW_FEED = "feed_seconds = 60\nlease_seconds = 180\n"


@pytest_asyncio.fixture(loop_scope="module")
async def site(server, tmp_path, authority):
    async with open_site(tmp_path, cached(server.url(), tmp_path, limits=SLOW_FEED), authority) as site:
        await listening(server)
        yield site


async def listening(server):
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(server.ask, "PUBSUB", "CHANNELS"):  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.01)


async def run(site, *words):
    return await asyncio.to_thread(site.gateway.run, *words)


async def cut(client):
    while await client.line():
        pass


async def test_a_command_that_changes_something_hastens_the_feed(site):
    client = await site.logged_in()
    await run(site, "user", "block", GOOD)
    await cut(client)
    await run(site, "user", "unblock", GOOD)


async def test_nudges_come_again_after_redis_was_away(site, server):
    client = await site.logged_in()
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    await listening(server)
    await run(site, "user", "block", GOOD)
    await cut(client)
    await run(site, "user", "unblock", GOOD)


async def test_a_command_works_while_redis_is_away_or_hangs(site, server):
    with server.frozen():
        await run(site, "user", "add", "frozen@example.test")
    await asyncio.to_thread(server.stop)
    await run(site, "user", "add", "stopped@example.test")
    await asyncio.to_thread(server.start)
    listed = (await run(site, "user", "list")).stdout
    assert "frozen@example.test" in listed
    assert "stopped@example.test" in listed


async def test_messages_of_a_stranger_do_nothing_but_hasten(site, server):
    for number in range(300):
        server.ask("PUBLISH", "wicketgate:changes", b"\xff" * number)
    await site.lets_a_good_login_in()
