"""All metrics of one gateway process, made when somebody asks for them."""

from collections.abc import Iterator
from importlib.metadata import version

from prometheus_client.metrics_core import Metric

from gateway.metrics.logins import hashing_metrics, login_metrics
from gateway.metrics.process import process_metrics
from gateway.metrics.standing import (
    backend_metrics,
    certificate_metrics,
    feed_metrics,
    health_metrics,
    memory_metrics,
    session_metrics,
)
from gateway.metrics.subject import Subject


class GatewayCollector:
    """What prometheus_client calls a collector."""

    __slots__ = ("_subject", "_version")

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._version = version("wicketgate")

    def collect(self) -> Iterator[Metric]:
        subject = self._subject
        yield from health_metrics(subject, self._version)
        yield from login_metrics(subject)
        yield from hashing_metrics(subject)
        yield from memory_metrics(subject)
        yield from feed_metrics(subject)
        yield from session_metrics(subject)
        yield from backend_metrics(subject)
        yield from certificate_metrics(subject)
        yield from process_metrics()
