"""Redis, asked with bounds: in half a second, few at a time, and whatever goes wrong is no answer."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from redis.asyncio.client import PubSub
from redis.asyncio.sentinel import Sentinel
from redis.exceptions import ResponseError

from config import Cache
from store.printable import printable
from store.redis.connecting import MOST_AT_ONCE, Client, unconnected
from store.redis.keys import CacheKey, load_cache_keys
from store.redis.sealing import name_of

T = TypeVar("T")
Told = Callable[[str, str], None]  # what happened, and why

SECONDS = 0.5  # for one question, with the connection that may have to be made for it
_MOST_FAILURES = 3  # in a row; then it's left alone
_PAUSE_SECONDS = 1.0  # between probes
_PROBE_SECONDS = 2.0  # nobody waits for a probe; to find a new master may take some tries
_SLICE_SECONDS = 0.05
_MOST_SLICES = 4  # times what would do if none were late
_LONGEST_REASON = 200
_COMPLAINT_SECONDS = 60.0
_MOST_COMPLAINTS = 16  # kinds of errors; a server may make some up


class Redis:
    """One server, one behind Sentinel, or a Cluster. Opening does no I/O; close() it at the end.

    `failures` counts the questions that it didn't answer in time, or with an error. `told` hears when it goes
    away, when it's back, and what it refuses to do.
    """

    def __init__(
        self,
        client: Client,
        sentinels: Sentinel | None,
        keys: tuple[CacheKey, ...],
        prefix: str,
        told: Told = lambda *_: None,
    ) -> None:
        self.keys = keys
        self._client = client
        self._sentinels = sentinels
        self._prefix = prefix
        self._told = told
        self._complained: dict[str, float] = {}
        self._failures_in_a_row = 0
        self._places = asyncio.Semaphore(MOST_AT_ONCE)
        self._probe: asyncio.Task[None] | None = None
        self.failures = 0

    @property
    def available(self) -> bool:
        """Whether Redis is asked. While it's away it isn't, but for a probe in the background."""
        return not self._is_away()

    def key(self, *parts: str) -> str:
        """The name of a key or channel: the prefix and the parts, with colons between."""
        return ":".join((self._prefix, *parts))

    def hidden_key(self, kind: str, what: str, key: CacheKey | None = None) -> str:
        """The name of an entry that tells nobody what it is of, a user or an address. Left out, with the key
        that is in use."""
        return self.key(name_of(key or self.keys[0], kind, what))

    async def ask(self, call: Callable[[Client], Awaitable[T]]) -> T | None:
        """What Redis answers, or None when it couldn't say, for whatever reason. Raises nothing.

        While Redis is away, None comes at once; else within half a second of this call's turn. What a call
        that was given up asked for may happen or not.
        """
        if self._is_away():
            return None
        async with self._places:
            if self._is_away():
                return None  # it went away while this call waited for its turn
            try:
                answer = await self.answer(call)
            except ResponseError as error:
                self._note_refusal(error)
                return None
            except Exception as error:  # a server that sends garbage makes redis-py raise anything
                self._note_failure(error)
                return None
            self._failures_in_a_row = 0
            return answer

    async def answer(self, call: Callable[[Client], Awaitable[T]], seconds: float = SECONDS) -> T:
        """As `ask`, for whoever wants to know why not: raises TimeoutError, and anything else.

        The time is waited for in slices. One that ends late shows that this process was busy, in a herd of
        logins perhaps, and not that Redis is slow: it doesn't count.
        """
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(call(self._client))
        task.add_done_callback(_forget_outcome)
        left = round(seconds / _SLICE_SECONDS)
        try:
            for _ in range(_MOST_SLICES * left):
                ends_at = loop.time() + _SLICE_SECONDS
                await asyncio.wait((task,), timeout=_SLICE_SECONDS)
                if task.done():
                    return task.result()
                left -= loop.time() < ends_at + _SLICE_SECONDS / 2
                if not left:
                    break
            raise TimeoutError(f"no answer within {seconds:g} s")
        finally:
            task.cancel()

    def subscription(self) -> PubSub:
        """To be subscribed to channels, on a connection of its own, and to be closed. Its methods raise."""
        return self._client.pubsub()

    async def close(self) -> None:
        """Close all connections."""
        if self._probe is not None:
            self._probe.cancel()
            await asyncio.wait((self._probe,))
        with contextlib.suppress(Exception):  # what can't be closed in order is gone all the same
            await self._client.aclose()
            if self._sentinels is not None:
                await self._sentinels.aclose()

    def _is_away(self) -> bool:
        return self._failures_in_a_row >= _MOST_FAILURES

    async def _until_it_is_back(self) -> None:
        """In the background: a Redis that is away costs no login anything."""
        while self._is_away():
            await asyncio.sleep(_PAUSE_SECONDS)
            try:
                with contextlib.suppress(ResponseError):  # it's there, though it answers so
                    await self.answer(lambda client: client.ping(), _PROBE_SECONDS)
            except Exception:
                self.failures += 1
            else:
                self._failures_in_a_row = 0
                self._told("redis is back", "")

    def _note_failure(self, error: Exception) -> None:
        self.failures += 1
        self._failures_in_a_row += 1
        if self._failures_in_a_row == _MOST_FAILURES:
            self._told("redis is away", _described(error))
            self._probe = asyncio.ensure_future(self._until_it_is_back())

    def _note_refusal(self, error: ResponseError) -> None:
        """It is there, and fast, and doesn't do what it's asked for: a right is missing, memory is full."""
        self.failures += 1
        kind, now = str(error)[:16], time.monotonic()
        known = self._complained.get(kind)
        news = len(self._complained) < _MOST_COMPLAINTS if known is None else known + _COMPLAINT_SECONDS < now
        if news:
            self._complained[kind] = now
            self._told("redis refuses", _described(error))


def _described(error: Exception) -> str:
    return printable(f"{type(error).__name__}: {error}", _LONGEST_REASON)


def _forget_outcome(task: asyncio.Future[Any]) -> None:
    """Nobody may be left who takes the error of a call that was given up."""
    if not task.cancelled():
        task.exception()


def open_redis(cache: Cache, told: Told = lambda *_: None, *, sealing: bool = True) -> Redis | None:
    """The Redis of the configuration, not yet connected; None where all is remembered in the process.

    Without `sealing` no entry can be written or read, and no file with a key is needed.

    Raises ConfigurationError when a file with a key or a password can't be used.
    """
    address = cache.address
    if address is None:
        return None
    client, sentinels = unconnected(cache, address)
    return Redis(client, sentinels, load_cache_keys(cache) if sealing else (), cache.prefix, told)
