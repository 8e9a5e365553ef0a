"""Redis is asked with bounds: in time, few at once, and not at all while it's away."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from config import Cache
from store.redis.client import Redis, open_redis
from store.redis.entries import Entries
from store.redis.keys import create_cache_key
from tests.servers.fault_proxy import Fault, FaultProxy, Mode
from tests.servers.redis import RedisServer


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with RedisServer() as server:
        yield server


@pytest_asyncio.fixture
async def proxy(server: RedisServer) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(server.host, server.port) as proxy:
        yield proxy


@pytest_asyncio.fixture
async def told() -> list[tuple[str, str]]:
    return []


@pytest_asyncio.fixture
async def redis(proxy: FaultProxy, tmp_path: Path, told: list[tuple[str, str]]) -> AsyncIterator[Redis]:
    create_cache_key(tmp_path / "key")
    cache = Cache(url=f"redis://{proxy.host}:{proxy.port}", key_file=tmp_path / "key")
    redis = open_redis(cache, lambda event, reason: told.append((event, reason)))
    assert redis is not None
    yield redis
    await redis.close()


async def ping(redis: Redis) -> object:
    return await redis.ask(lambda client: client.ping())


async def until_back(redis: Redis) -> None:
    async with asyncio.timeout(30):
        while not redis.available:  # noqa: ASYNC110 (nobody tells but the flag)
            await asyncio.sleep(0.01)


async def test_it_answers(redis: Redis) -> None:
    assert await redis.ask(lambda client: client.set("x", b"y", ex=60))
    assert await redis.ask(lambda client: client.getrange("x", 0, 9)) == b"y"
    assert await redis.ask(lambda client: client.get("z")) is None
    assert redis.available
    assert redis.failures == 0


@pytest.mark.parametrize(
    "fault",
    [Fault.STALL, Fault.BLACKHOLE, Fault.RESET, Fault.HALF_CLOSE, Fault.DRIP],
    ids=lambda one: one.name,
)
async def test_cache_08_a_network_that_breaks_is_no_answer(
    redis: Redis, proxy: FaultProxy, told: list[tuple[str, str]], fault: Fault
) -> None:
    assert await ping(redis)
    proxy.switch(Mode(fault, seconds=5))
    answers = await asyncio.gather(*(ping(redis) for _ in range(200)))
    assert set(answers) == {None}
    assert not redis.available
    assert redis.failures < 100  # most of them have not even been asked
    assert [event for event, _ in told] == ["redis is away"]
    asked = proxy.accepted, redis.failures
    assert await ping(redis) is None
    assert asked == (proxy.accepted, redis.failures)
    proxy.switch(Mode())
    await until_back(redis)
    assert await ping(redis)
    assert [event for event, _ in told] == ["redis is away", "redis is back"]


async def test_questions_that_were_given_up_leave_nothing_behind(redis: Redis, proxy: FaultProxy) -> None:
    """Neither connections that are lost for good, nor answers that the next one takes for its own."""
    await redis.ask(lambda client: client.set("mine", b"mine", ex=60))
    await redis.ask(lambda client: client.set("other", b"other", ex=60))
    for _ in range(4):
        proxy.switch(Mode(Fault.DELAY, seconds=0.7))
        await asyncio.gather(*(redis.ask(lambda client: client.get("other")) for _ in range(100)))
        proxy.switch(Mode())
        await until_back(redis)
        answers = await asyncio.gather(*(redis.ask(lambda client: client.get("mine")) for _ in range(100)))
        assert set(answers) == {b"mine"}


async def test_who_asks_may_leave(redis: Redis, proxy: FaultProxy) -> None:
    await redis.ask(lambda client: client.set("mine", b"mine", ex=60))
    proxy.switch(Mode(Fault.STALL))
    asking = [asyncio.create_task(redis.ask(lambda client: client.get("other"))) for _ in range(100)]
    await asyncio.sleep(0)
    for task in asking:
        task.cancel()
    await asyncio.wait(asking)
    proxy.switch(Mode())
    assert redis.available
    answers = await asyncio.gather(*(redis.ask(lambda client: client.get("mine")) for _ in range(100)))
    assert set(answers) == {b"mine"}


async def test_thousands_at_once_are_all_answered_on_a_few_connections(
    server: RedisServer, tmp_path: Path
) -> None:
    create_cache_key(tmp_path / "key")
    redis = open_redis(Cache(url=server.url(), key_file=tmp_path / "key"))
    assert redis is not None
    before = server.ask("INFO", "stats")["total_connections_received"]
    answers = await asyncio.gather(*(ping(redis) for _ in range(2000)))
    assert set(answers) == {True}
    assert redis.failures == 0
    assert server.ask("INFO", "stats")["total_connections_received"] - before <= 64
    await redis.close()


async def test_what_it_refuses_is_told_once_and_does_not_make_it_away(
    redis: Redis, told: list[tuple[str, str]]
) -> None:
    for _ in range(20):
        assert await redis.ask(lambda client: client.execute_command("NONSENSE")) is None
    assert await ping(redis)
    assert redis.failures == 20
    [(event, reason)] = told
    assert event == "redis refuses"
    assert "unknown command" in reason


async def test_entries_come_back_and_expire(redis: Redis, server: RedisServer) -> None:
    entries = Entries(redis, 60)
    entries.keep("login", "1:secret", b"record")
    async with asyncio.timeout(30):
        while await entries.find("login", "1:secret") != b"record":  # noqa: ASYNC110 (written behind)
            await asyncio.sleep(0.01)
    name = redis.hidden_key("login", "1:secret")
    assert name.startswith("wicketgate:login:")
    assert 0 < server.ask("TTL", name) <= 60


async def test_what_is_too_long_is_not_kept(redis: Redis, server: RedisServer) -> None:
    entries = Entries(redis, 60)
    entries.keep("account", "long", bytes(70_000))
    entries.keep("account", "short", b"record")
    async with asyncio.timeout(30):
        while await entries.find("account", "short") is None:  # noqa: ASYNC110 (written behind)
            await asyncio.sleep(0.01)
    assert await entries.find("account", "long") is None
    assert not server.ask("EXISTS", redis.hidden_key("account", "long"))


def test_opening_does_no_io(tmp_path: Path) -> None:
    create_cache_key(tmp_path / "key")
    for url in (
        "redis://nowhere.invalid",
        "redis+sentinel://nowhere.invalid/m",
        "redis+cluster://nowhere.invalid",
    ):
        assert open_redis(Cache(url=url, key_file=tmp_path / "key")) is not None
    assert open_redis(Cache()) is None
