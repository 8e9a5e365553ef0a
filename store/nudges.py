"""LISTEN: waits for a writer's hint that there is something new in the change feed.

It may come late, twice or never. Whoever relies on the feed polls it all the same.
"""

import time
from collections.abc import Callable
from threading import Event
from typing import Any, Protocol

import psycopg

from store.nudging import CHANNEL

_SLICE_SECONDS = 0.5  # so soon close() is heard of
_RETRY_SECONDS = 1.0


class Connects(Protocol):
    """What opens connections that commit by themselves. Raises psycopg.Error."""

    def connect(self) -> psycopg.Connection[Any]: ...


class PostgreSqlNudges:
    """A connection that listens. It is opened anew by itself; one thread may wait at a time."""

    def __init__(self, connector: Connects, clock: Callable[[], float] = time.monotonic) -> None:
        self._connector = connector
        self._clock = clock
        self._connection: psycopg.Connection[Any] | None = None
        self._closed = Event()

    def wait(self, seconds: float) -> bool:
        """Block until a nudge comes or the time is over; whether one came."""
        until = self._clock() + seconds
        while not self._closed.is_set() and (left := until - self._clock()) > 0:
            try:
                if self._nudged(min(left, _SLICE_SECONDS)):
                    return True
            except psycopg.Error:
                self._drop()
                self._closed.wait(min(left, _RETRY_SECONDS))
        if self._closed.is_set():
            self._drop()
        return False

    def close(self) -> None:
        """End a wait() that is under way within half a second; its thread closes the connection."""
        self._closed.set()

    def _nudged(self, seconds: float) -> bool:
        if self._connection is None:
            self._connection = self._connector.connect()
            self._connection.execute(f"LISTEN {CHANNEL}")
            return True  # nobody knows what was missed
        return any(self._connection.notifies(timeout=seconds, stop_after=1))

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None
