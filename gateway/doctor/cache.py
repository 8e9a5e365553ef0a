"""Does Redis do all that the gateway asks of it, where one is set?"""

import asyncio
import secrets
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from config import Settings
from gateway.doctor.finding import Finding, Level
from store.printable import printable

if TYPE_CHECKING:  # where there is no Redis, its driver isn't loaded
    from store.redis.client import Redis

_AREA = "cache"
_APART = 5.0  # seconds
_SECONDS = 2.0  # for one answer: patient, so that a slow Redis is told from one that isn't there
_SLOW = 0.1
_RIGHTS = "Give the user the rights that docs/redis.md lists, and memory enough."
_REACH = "Logins go on without it, and cost more. Check [cache], the network, and that Redis runs."


def examine_cache(settings: Settings) -> Iterator[Finding]:
    """Its rights, its speed, and its clock, by which failed logins are counted. Nothing without a Redis."""
    if settings.cache.address is not None:
        yield from asyncio.run(_examined(settings))


async def _examined(settings: Settings) -> list[Finding]:
    from redis.exceptions import ResponseError

    from store.redis.client import open_redis

    redis = open_redis(settings.cache)
    assert redis is not None, "its address is set"
    try:
        return await _asked(redis)
    except ResponseError as error:
        return [_warning(f"it refuses a command: {printable(str(error), 200)}. {_RIGHTS}")]
    except Exception as error:  # a server that isn't Redis makes redis-py raise anything
        reason = printable(str(error) or type(error).__name__, 200).rstrip(".")
        return [_warning(f"it can't be used: {reason}. {_REACH}")]
    finally:
        await redis.close()


async def _asked(redis: "Redis") -> list[Finding]:
    """Each command that logins need, once."""
    name, value = redis.hidden_key("doctor", secrets.token_hex(8)), secrets.token_bytes(16)
    await redis.answer(lambda client: client.ping(), _SECONDS)  # the connection is made for this one
    began = time.monotonic()
    await redis.answer(lambda client: client.set(name, value, ex=60), _SECONDS)
    found = await redis.answer(lambda client: client.getrange(name, 0, 64), _SECONDS)
    seconds = (time.monotonic() - began) / 2
    await redis.answer(lambda client: client.publish(redis.key("doctor"), b""), _SECONDS)
    script = "return redis.call('TIME')"
    there, _ = await redis.answer(lambda client: client.eval(script, 1, name), _SECONDS)
    if found != value:
        return [_warning(f"it doesn't give back what was written. {_REACH}")]
    return [_speed(seconds), _clock(float(there))]


def _speed(seconds: float) -> Finding:
    if seconds > _SLOW:
        return _warning(
            f"it answers after {seconds * 1000:.0f} ms. First logins wait for it: look at its load."
        )
    return Finding(Level.OK, _AREA, f"has all rights, answers within {seconds * 1000:.1f} ms")


def _clock(there: float) -> Finding:
    apart = abs(there - time.time())
    if apart > _APART:
        return _warning(
            f"its clock differs by {apart:.0f} s. Set both by NTP: failed logins are counted by it."
        )
    return Finding(Level.OK, _AREA, "its clock is the same as here")


def _warning(what: str) -> Finding:
    return Finding(Level.WARNING, _AREA, what)
