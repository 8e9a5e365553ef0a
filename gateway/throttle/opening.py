"""The throttle by the configuration, with counters that are shared where there is a Redis."""

import asyncio
import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING

from config import Settings
from gateway.throttle.throttle import Throttle

if TYPE_CHECKING:  # a gateway without Redis doesn't load its driver
    from store.redis.client import Redis

_MARKS = b"failures marks 1"
_TRIES = 2  # a backend may be asked at a second address when nearly all of its time is over
_MARGIN_SECONDS = 5.0


def open_throttle(settings: Settings, loop: asyncio.AbstractEventLoop, redis: "Redis | None") -> Throttle:
    """`redis` is None where each process counts for itself."""
    if redis is None:
        return Throttle(settings.throttle, loop.time, secrets.token_bytes(32))
    from store.redis.failures import SharedFailures

    ahead = _TRIES * settings.limits.backend_seconds + _MARGIN_SECONDS
    shared = SharedFailures(redis, ahead, settings.throttle.wrong_seconds)
    key = blake2b(_MARKS, key=redis.keys[0].names, digest_size=32).digest()
    return Throttle(settings.throttle, loop.time, key, shared)
