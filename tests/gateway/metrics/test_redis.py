"""What a scrape tells of Redis."""

import asyncio

from tests.gateway.metrics.scrape import scrape, until
from tests.gateway.redis.caching import cached, until_entries
from tests.gateway.site import GOOD, open_site
from tests.servers.redis import RedisServer

METRICS = '\n[metrics]\naddress = "127.0.0.1:{third}"\n'
LOOKUPS = "wicketgate_cache_lookups_total"


async def log_in(site):
    assert (await site.login(GOOD, site.good.secret)).startswith(b"OK")


async def test_what_was_found_in_redis_is_counted_and_so_is_its_silence(tmp_path, authority):
    with RedisServer() as redis:
        async with open_site(tmp_path, cached(redis.url(), tmp_path, METRICS), authority) as site:
            port = site.gateway.third
            await log_in(site)
            await until(port, LOOKUPS, 1, cache="logins", level="none")
            await until_entries(redis, 2)
            await asyncio.to_thread(site.gateway.stop)
            await asyncio.to_thread(site.gateway.start)
            for _ in range(2):
                await log_in(site)
            warm = await scrape(port)
            for cache in ("accounts", "logins"):
                found = [warm(LOOKUPS, cache=cache, level=level) for level in ("memory", "redis", "none")]
                assert found == [1, 1, 0], cache
            assert warm("wicketgate_argon2_runs_total") == 0
            assert warm("wicketgate_redis_up") == 1
            redis.stop()
            for number in range(20):
                given = site.people.give(GOOD, f"number {number}")
                assert (await site.login(GOOD, given.secret)).startswith(b"OK")
            down = await until(port, "wicketgate_redis_up", 0)
            assert down("wicketgate_redis_failures_total") > warm("wicketgate_redis_failures_total")
