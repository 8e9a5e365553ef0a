"""The configuration of gateways that share a Redis, and what a test does with one."""

import asyncio
from pathlib import Path

from gateway.control import ask
from store.redis.keys import create_cache_key
from tests.gateway.site import QUICK, Site
from tests.servers.redis import RedisServer


def cached(url: str, folder: Path, more: str = "", *, limits: str = "") -> str:
    """Settings of a gateway with this cache; its key lies in `folder`, and is made if need be."""
    key = folder / "cache.key"
    if not key.exists():
        create_cache_key(key)
    return f'{QUICK}{limits}\n[cache]\nurl = "{url}"\nkey_file = "{key}"\n{more}'


def argon2_runs(site: Site) -> int:
    return ask(site.gateway.folder / "control.sock", {"command": "status"})["argon2_runs"]


async def restart(site: Site) -> None:
    await asyncio.to_thread(site.gateway.stop)
    await asyncio.to_thread(site.gateway.start)
    site.begin()


async def until_entries(server: RedisServer, count: int) -> dict[bytes, bytes]:
    """What lies in Redis, once there are so many entries: they are written in the background."""
    async with asyncio.timeout(30):
        while len(found := await asyncio.to_thread(server.everything)) < count:  # noqa: ASYNC110 (it is another process)
            await asyncio.sleep(0.01)
    return found
