"""Sealed entries in Redis: looked up in one round trip, and written in the background."""

import asyncio
from collections.abc import Sequence

from redis.asyncio import RedisCluster

from store.redis.client import Redis
from store.redis.connecting import Client
from store.redis.sealing import LONGEST, MOST_BYTES, seal, unseal

_MOST_WRITES = 512  # under way; beyond, entries are given up: it's only a cache


class Entries:
    """What lies in Redis under the first key, and is read under the second one too, where there are two."""

    __slots__ = ("_redis", "_seconds", "_writes")

    def __init__(self, redis: Redis, seconds: int) -> None:
        self._redis = redis
        self._seconds = seconds
        self._writes: set[asyncio.Task[None]] = set()

    async def find(self, kind: str, what: str) -> bytes | None:
        """What was kept as this; None when there is nothing, or nothing of ours, or Redis doesn't say."""
        keys = self._redis.keys
        names = [self._redis.hidden_key(kind, what, key) for key in keys]
        answers = await self._redis.ask(lambda client: _read(client, names))
        for key, name, sealed in zip(keys, names, answers or (), strict=False):
            found = unseal(key, name, sealed)
            if found is not None:
                if key is not keys[0]:
                    self.keep(kind, what, found)
                return found
        return None

    def keep(self, kind: str, what: str, record: bytes) -> None:
        """Write an entry, in the background. It may be lost; one that is too long is."""
        if len(record) > MOST_BYTES or len(self._writes) >= _MOST_WRITES or not self._redis.available:
            return
        name = self._redis.hidden_key(kind, what)
        task = asyncio.ensure_future(self._write(name, seal(self._redis.keys[0], name, record)))
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _write(self, name: str, sealed: bytes) -> None:
        await self._redis.ask(lambda client: client.set(name, sealed, ex=self._seconds))


async def _read(client: Client, names: Sequence[str]) -> list[object]:
    """GETRANGE, so that a value that somebody else wrote can't be longer than ours are."""
    if len(names) == 1:
        return [await client.getrange(names[0], 0, LONGEST)]
    # Without MULTI, and by no MGET: the names may lie on several nodes.
    pipeline = client.pipeline() if isinstance(client, RedisCluster) else client.pipeline(transaction=False)
    for name in names:
        pipeline.getrange(name, 0, LONGEST)
    answers: list[object] = await pipeline.execute(raise_on_error=False)
    return answers
