"""Failed logins as all nodes have seen them: in Redis, under names that tell nobody whose they are.

A budget is a sorted set: the mark of a guess, and when it was found wrong, in milliseconds by Redis's own
clock. While a guess is under way its time lies ahead. So if nobody ever says how it ended, it has failed when
that time comes.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio import RedisCluster

from store.budget import Budget, Count, Standing
from store.redis.client import Redis
from store.redis.connecting import Client

_FAILURES = "failures"
_ORIGINS = "origins"
_KNOWN_SECONDS = 90 * 86400  # that a source is known for which a user has not logged in again

# All of a mark that leaves the process: 64 bits of whose it is, and 16 of the secret (store/guess.py).
_MARK_LENGTH = 20
_NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) local key = KEYS[1] "
# ARGV: mark, how long it may be under way, how long and how many are remembered, how long what was wrong is
# known to be, whether the very same may be under way; then failures and time of each limit. All times in
# milliseconds. Returns a Standing, whether the mark has a new place there, and a Count. A mark that was wrong
# before is kept behind another name while it's made once more. Known to be wrong is only what a node has said
# to be: its time ends in half a millisecond, and that of one that has failed because its node died doesn't.
_TAKE = (
    _NOW
    + """
local mark, ahead, kept, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local known, together = tonumber(ARGV[5]), ARGV[6] == '1'
redis.call('ZREMRANGEBYSCORE', key, '-inf', now - kept)
local seen = tonumber(redis.call('ZSCORE', key, mark) or nil)
local is_under_way = seen and seen > now
local under_way = redis.call('ZCOUNT', key, now + 1, '+inf')
local standing, failed, fewer = 0, 0, 0
if is_under_way and not together then standing = 1 end
if seen and not is_under_way and seen % 1 > 0 and now - seen < known then standing = 2 end
for i = 7, #ARGV, 2 do
  local limit, first = tonumber(ARGV[i]), now - tonumber(ARGV[i + 1]) + 1
  failed = redis.call('ZCOUNT', key, first, now)
  local oldest = redis.call('ZRANGEBYSCORE', key, first, now, 'WITHSCORES', 'LIMIT', 0, 1)
  fewer = oldest[2] and tonumber(oldest[2]) - first + 1 or 0
  if failed >= limit then
    standing = 3
  elseif not is_under_way and failed + under_way >= limit then
    standing = math.max(standing, 1)
  end
end
if standing > 0 or is_under_way then return {standing, 0, failed, fewer} end
if seen then redis.call('ZADD', key, seen, mark .. '*') end
redis.call('ZADD', key, now + ahead, mark)
redis.call('ZREMRANGEBYRANK', key, 0, -most - 1)
redis.call('PEXPIRE', key, kept + ahead)
return {0, 1, failed, fewer}
"""
)
# ARGV: mark, how long it's remembered. A mark that is there with an earlier time was a failure before.
_FAIL = (
    _NOW
    + """
redis.call('ZADD', key, 'LT', now - 0.5, ARGV[1])
redis.call('ZREM', key, ARGV[1] .. '*')
redis.call('PEXPIRE', key, ARGV[2])
"""
)
_WITHDRAW = (
    _NOW
    + """
local at = redis.call('ZSCORE', key, ARGV[1])
if at and tonumber(at) > now then
  redis.call('ZREM', key, ARGV[1])
  local before = redis.call('ZSCORE', key, ARGV[1] .. '*')
  if before then redis.call('ZADD', key, before, ARGV[1]) redis.call('ZREM', key, ARGV[1] .. '*') end
end
"""
)


@dataclass(frozen=True, slots=True)
class _Told:
    standing: Standing
    is_new: bool
    count: Count


class SharedFailures:
    """Asks Redis in one round trip. A guess whose end is never told fails after `ahead` seconds.

    What was wrong is known to be so for `wrong_seconds`.
    """

    __slots__ = ("_ahead", "_redis", "_wrong")

    def __init__(self, redis: Redis, ahead: float, wrong_seconds: float) -> None:
        self._redis = redis
        self._ahead = _milliseconds(ahead)
        self._wrong = _milliseconds(wrong_seconds)

    async def take(
        self, budgets: Sequence[Budget], mark: str, together: bool
    ) -> tuple[Standing, Sequence[Count]] | None:
        """Whether the guess may be made; it has its place in the budgets then. And what each of them counts.

        `together`: at the same time as the very same one, which was right a moment ago. None: Redis can't
        say.
        """
        answers = await self._run(_TAKE, ((one, self._taking(one, mark, together)) for one in budgets))
        if answers is None:
            return None
        try:
            told = [_Told(Standing(one), bool(new), Count(int(n), ms / 1000)) for one, new, n, ms in answers]
        except (TypeError, ValueError):
            return None  # no script of ours has answered
        standing = max(one.standing for one in told)
        if standing is not Standing.OPEN:
            await self.withdraw(
                [one for one, answer in zip(budgets, told, strict=True) if answer.is_new], mark
            )
        return standing, [one.count for one in told]

    async def fail(self, budgets: Sequence[Budget], mark: str) -> None:
        """It was wrong."""
        await self._run(_FAIL, ((one, (_kept(mark), _milliseconds(one.remembered))) for one in budgets))

    async def withdraw(self, budgets: Sequence[Budget], mark: str) -> None:
        """It was not made after all, or nobody could say whether it was wrong."""
        await self._run(_WITHDRAW, ((one, (_kept(mark),)) for one in budgets))

    async def forgive(self, pair: Budget, others: Sequence[Budget], mark: str) -> None:
        """It was right, and what went wrong with `pair` before was the user too."""
        name = self._name(pair)
        names = [self._name(one) for one in others]

        async def forget(client: Client) -> None:
            marks: list[Any] = await client.zrange(name, 0, pair.most) if names else []
            pipeline = _pipeline(client)
            pipeline.delete(name)
            for other in names:
                pipeline.zrem(other, _kept(mark), *marks)
            await pipeline.execute()

        await self._redis.ask(forget)

    async def knows(self, origin: str) -> bool:
        """Whether the user has logged in from this source."""
        name = self._redis.hidden_key(_ORIGINS, origin)
        return bool(await self._redis.ask(lambda client: client.exists(name)))

    async def closed(self, budgets: Sequence[Budget]) -> Sequence[Budget] | None:
        """Those in which there are too many failures, for help desks. None: Redis can't say."""
        now = time.time()
        wanted = [(one, limit) for one in budgets for limit in one.limits]

        async def count(client: Client) -> list[Any]:
            pipeline = _pipeline(client)
            for budget, limit in wanted:
                first = _milliseconds(now - limit.seconds)
                pipeline.zcount(self._name(budget), first, _milliseconds(now))
            answers: list[Any] = await pipeline.execute()
            return answers

        counted = await self._redis.ask(count) if wanted else []
        if counted is None:
            return None
        pairs = zip(wanted, counted, strict=True)
        return list(dict.fromkeys(one for (one, limit), failed in pairs if failed >= limit.failures))

    async def learn(self, origin: str) -> None:
        """The user has."""
        name = self._redis.hidden_key(_ORIGINS, origin)
        await self._redis.ask(lambda client: client.set(name, b"", ex=_KNOWN_SECONDS))

    async def _run(
        self, script: str, calls: Iterable[tuple[Budget, tuple[str | int, ...]]]
    ) -> list[Any] | None:
        """The script for each budget by itself: in a Cluster they lie on several nodes."""
        named = [(self._name(budget), arguments) for budget, arguments in calls]
        if not named:
            return []

        async def run(client: Client) -> list[Any]:
            pipeline = _pipeline(client)
            for name, arguments in named:
                pipeline.eval(script, 1, name, *arguments)
            answers: list[Any] = await pipeline.execute()
            return answers

        return await self._redis.ask(run)

    def _taking(self, budget: Budget, mark: str, together: bool) -> tuple[str | int, ...]:
        limits = [part for one in budget.limits for part in (one.failures, _milliseconds(one.seconds))]
        kept = _milliseconds(budget.remembered)
        return (_kept(mark), self._ahead, kept, budget.most, self._wrong, int(together), *limits)

    def _name(self, budget: Budget) -> str:
        return self._redis.hidden_key(_FAILURES, budget.key)


def _pipeline(client: Client) -> Any:
    """Without MULTI: in a Cluster the names lie on several nodes."""
    return client.pipeline() if isinstance(client, RedisCluster) else client.pipeline(transaction=False)


def _kept(mark: str) -> str:
    """What Redis gets to see of it."""
    return mark[:_MARK_LENGTH]


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
