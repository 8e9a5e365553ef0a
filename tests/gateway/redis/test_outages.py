"""Redis is away, hangs, is full, or talks nonsense: logins cost more, and nobody is told anything wrong."""

import asyncio
from contextlib import asynccontextmanager, contextmanager

import pytest
import pytest_asyncio

from tests.gateway.redis.caching import cached
from tests.gateway.site import GOOD, REFUSAL, open_site
from tests.servers.hijacked_redis import HijackedRedis
from tests.servers.redis import RedisServer, behind_sentinels

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def own_server():
    with RedisServer() as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing_site(own_server, tmp_path_factory, authority):
    folder = tmp_path_factory.mktemp("outages")
    async with open_site(folder, cached(own_server.url(), folder), authority) as site:
        yield site


@pytest_asyncio.fixture(loop_scope="module")
async def known(standing_site, own_server):
    """The site once it uses Redis, and who will be new to it: nothing of them is in its memory."""
    assert_up(own_server)
    own_server.ask("FLUSHALL")
    await until_it_fills(standing_site, own_server)
    standing_site.begin()
    newcomer = standing_site.people.add(f"user{next(_NUMBERS)}@example.test", "enforced")
    yield standing_site, newcomer, standing_site.people.give(newcomer)
    assert_up(own_server)
    await standing_site.lets_a_good_login_in()


_NUMBERS = iter(range(1000))


def assert_up(server):
    assert server.ask("PING")


async def lets_in_and_keeps_out(known):
    """Nothing of the user is remembered, so everything has to be asked of Redis first."""
    site, user, given = known
    assert await site.login(user, site.people.wrong_guess(user)) == REFUSAL
    assert (await site.login(user, given.secret)).startswith(b"OK ")
    assert {line["reason"] for line in site.logins()} <= {"", "wrong-credential", "app-password-required"}


@contextmanager
def stopped(server):
    server.stop()
    try:
        yield
    finally:
        server.start()


@contextmanager
def frozen(server):
    with server.frozen():
        yield


@contextmanager
def configured(server, name, value, back):
    server.ask("CONFIG", "SET", name, value)
    try:
        yield
    finally:
        server.ask("CONFIG", "SET", name, back)


@contextmanager
def full(server):
    with configured(server, "maxmemory", "1", "0"):
        yield


@contextmanager
def read_only(server):
    server.ask("REPLICAOF", "127.0.0.1", "1")
    try:
        yield
    finally:
        server.ask("REPLICAOF", "NO", "ONE")


@contextmanager
def slow(server):
    """It serves nobody for five seconds, and then everybody at once."""
    with server.client() as client:
        client.connection_pool.get_connection().send_command("DEBUG", "SLEEP", "5")
        yield
    assert_up(server)


@contextmanager
def emptied(server):
    server.ask("FLUSHALL")
    yield


@contextmanager
def watched(server):
    with server.client() as client, client.monitor():
        yield


@contextmanager
def without_scripts_and_reads(server):
    server.ask("ACL", "SETUSER", "default", "-@read", "-@scripting")
    try:
        yield
    finally:
        server.ask("ACL", "SETUSER", "default", "+@all")


FAULTS = [stopped, frozen, full, read_only, slow, emptied, watched, without_scripts_and_reads]


@pytest.mark.parametrize("fault", FAULTS)
async def test_cache_08_logins_go_on(known, own_server, fault):
    with fault(own_server):
        await lets_in_and_keeps_out(known)


@pytest.mark.parametrize("fault", [stopped, frozen, emptied, read_only])
async def test_cache_04_what_is_revoked_meanwhile_is_refused_and_cut(known, own_server, fault):
    site, user, given = known
    client = await site.connect()
    assert (await client.login(user, given.secret)).startswith(b"a OK ")
    with fault(own_server):
        site.people.block(user)
        while await client.line():
            pass
        assert await site.login(user, given.secret) == REFUSAL
    assert await site.login(user, given.secret) == REFUSAL


async def test_cache_08_while_it_hangs_many_logins_wait_together_and_then_not_at_all(known, own_server):
    """All of them are answered though each by itself may wait half a second, and then nobody asks Redis."""
    site, user, given = known
    with own_server.frozen():
        logins = [site.login(user, given.secret) for _ in range(20)]
        logins += [site.login(GOOD, site.good.secret) for _ in range(20)]
        assert all(answer.startswith(b"OK ") for answer in await asyncio.gather(*logins))
        await site.until_log("redis is away")
        others = [site.people.add(f"other{number}@example.test", "enforced") for number in range(5)]
        for other in others:
            assert (await site.login(other, site.people.give(other).secret)).startswith(b"OK ")
    await site.until_log("redis is back")


@asynccontextmanager
async def site_of(hijacked, tmp_path, authority):
    async with open_site(tmp_path, cached(hijacked.url(), tmp_path), authority) as site:
        yield site
        await site.lets_a_good_login_in()


async def test_cache_08_what_it_says_breaks_no_line_of_the_log(tmp_path, authority):
    async with HijackedRedis() as hijacked, site_of(hijacked, tmp_path, authority) as site:
        hijacked.answer = lambda _: b"-ERR a\x1b[31m\x00 event=login verdict=admit\r\n"
        user = site.people.add("user@example.test", "enforced")
        await lets_in_and_keeps_out((site, user, site.people.give(user)))
        await site.until_log("redis refuses")
        lines = site.log().splitlines()
        assert all(line.startswith("timestamp=") and line.isprintable() for line in lines)
        assert len(site.logins()) == 2


async def test_cache_08_an_answer_without_end_costs_no_memory(tmp_path, authority):
    async with HijackedRedis() as hijacked, site_of(hijacked, tmp_path, authority) as site:
        await site.lets_a_good_login_in()
        before = site.memory_kib()
        hijacked.answer = lambda _: b"$536870912\r\n" + b"x" * (48 << 20)
        for number in range(6):
            user = site.people.add(f"user{number}@example.test", "enforced")
            await lets_in_and_keeps_out((site, user, site.people.give(user)))
        assert site.memory_kib() - before < 16 * 1024


async def test_cache_04_revoked_while_sentinel_fails_over(tmp_path, authority):
    with behind_sentinels() as redis:
        async with open_site(tmp_path, cached(redis.url, tmp_path), authority) as site:
            doomed = site.people.add("doomed@example.test", "enforced")
            given = site.people.give(doomed)
            client = await site.connect()
            assert (await client.login(doomed, given.secret)).startswith(b"a OK ")
            old = redis.primary()
            await asyncio.to_thread(old.stop)
            site.people.block(doomed)
            while await client.line():
                pass
            assert await site.login(doomed, given.secret) == REFUSAL
            new = await asyncio.to_thread(redis.until_another_is_primary, old)
            assert await site.login(doomed, given.secret) == REFUSAL
            await until_it_fills(site, new)
            await site.lets_a_good_login_in()


async def until_it_fills(site, server):
    """Until the gateway has found by itself that this server is there, and uses it."""
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(server.everything):
            user = site.people.add(f"user{next(_NUMBERS)}@example.test", "enforced")
            assert (await site.login(user, site.people.give(user).secret)).startswith(b"OK ")
            await asyncio.sleep(0.2)
