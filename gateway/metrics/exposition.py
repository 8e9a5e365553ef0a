"""Metrics in the formats that Prometheus reads: its text format, and OpenMetrics for who accepts that."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from gateway.metrics.reply import Reply

_OPENMETRICS = "application/openmetrics-text"
_SECONDS = 0.25  # however often somebody asks, it's made four times a second at most


class Exposition:
    """Writes out what `gather` has, and gives the same to all who ask within a moment."""

    __slots__ = ("_gather", "_loop", "_one_at_a_time", "_written")

    def __init__(self, gather: Callable[[], Awaitable[Collector]], loop: asyncio.AbstractEventLoop) -> None:
        self._gather = gather
        self._loop = loop
        self._one_at_a_time = asyncio.Lock()
        self._written: dict[bool, tuple[float, Reply]] = {}

    async def reply(self, accept: str) -> Reply:
        """For a client that accepts this. Nothing else of what it sent is in the answer."""
        openmetrics = _OPENMETRICS in accept.lower()
        async with self._one_at_a_time:
            written = self._written.get(openmetrics)
            if written is None or self._loop.time() - written[0] >= _SECONDS:
                reply = _written(await self._gather(), openmetrics)
                written = self._written[openmetrics] = self._loop.time(), reply
        return written[1]


def _written(collector: Collector, openmetrics: bool) -> Reply:
    encode, content_type = choose_encoder(f"{_OPENMETRICS}; version=1.0.0" if openmetrics else "")
    return Reply(HTTPStatus.OK, encode(collector), content_type)
