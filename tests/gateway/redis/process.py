"""What a gateway's process remembers, in the test's own process, on the real store and the real Redis.

As many of them as a test likes: each one begins with an empty memory, as after a restart.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from config import Cache
from gateway.accounts import Accounts
from gateway.feed import Feed, FeedStore
from gateway.threads import BoundedThreads
from gateway.verified import VerifiedLogins
from store.database import Database, StoreUnavailable
from store.hashing import Argon2
from store.hashing_threads import HashingThreads
from store.model import Account, AppPassword, Change
from store.pepper import load_pepper
from store.redis.client import Redis, open_redis
from store.redis.entries import Entries
from store.redis.keys import create_cache_key


@dataclass(frozen=True, slots=True)
class Process:
    """`argon2.runs` counts what couldn't be taken from memory or Redis."""

    accounts: Accounts
    verified: VerifiedLogins
    argon2: Argon2
    feed: Feed
    redis: Redis

    async def login(self, name: str, secret: str) -> tuple[Account, AppPassword | None]:
        """The user and the app password as this process believes them to be."""
        account = await self.accounts.find(name)
        assert account is not None
        return account, await self.verified.find(account, secret)


@asynccontextmanager
async def process(folder: Path, cache: Cache, store: str = "") -> AsyncIterator[Process]:
    """One on the store in `folder`, or the one of that URL."""
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        database = Database(store or f"sqlite:///{folder / 'wicketgate.db'}")
        stack.callback(database.close)
        threads = BoundedThreads(loop, "store", StoreUnavailable)
        stack.callback(threads.close)
        hashing = HashingThreads(2, 1000)
        stack.callback(hashing.close)
        argon2 = Argon2(8, 1, 1)
        redis = open_redis(cache)
        assert redis is not None
        stack.push_async_callback(redis.close)
        entries = Entries(redis, cache.seconds)
        feed_store = FeedStore(database, threads)
        accounts = Accounts(database, threads, feed_store, entries)
        verified = VerifiedLogins(load_pepper(folder / "pepper"), argon2, hashing, database, threads, entries)
        feed = Feed(feed_store, loop, seconds=0.05, lease=30)
        await feed.begin(accounts.forget_all)
        following = asyncio.create_task(feed.follow(_dealt_with(accounts), accounts.forget_all))
        stack.push_async_callback(_ended, following)
        yield Process(accounts, verified, argon2, feed, redis)


def cache_in(folder: Path, url: str, *, key: str = "cache.key", previous: str | None = None) -> Cache:
    """The configuration of a cache whose keys lie in `folder`; they are made if need be."""
    for name in (key, previous):
        if name is not None and not (folder / name).exists():
            create_cache_key(folder / name)
    before = folder / previous if previous is not None else None
    return Cache(url=url, key_file=folder / key, previous_key_file=before)


def _dealt_with(accounts: Accounts):
    async def deal(changes: Sequence[Change]) -> None:
        for change in changes:
            accounts.forget(change)

    return deal


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait((task,))
