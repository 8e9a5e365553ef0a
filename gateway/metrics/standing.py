"""Metrics of how things stand: the feed, who is in, the backends, what is remembered, the certificates."""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.metrics_core import InfoMetricFamily, Metric

from gateway.metrics.certificate_end import end_of
from gateway.metrics.family import PREFIX, counter, counters, gauge, gauges
from gateway.metrics.subject import Subject


def health_metrics(subject: Subject, version: str) -> Iterator[Metric]:
    yield InfoMetricFamily(PREFIX + "build", "The version that runs.", value={"version": version})
    yield gauge(
        "ready", "1 if new clients are welcome, as /health/ready says.", not subject.readiness.obstacle
    )


def feed_metrics(subject: Subject) -> Iterator[Metric]:
    feed = subject.feed
    yield gauge(
        "feed_fresh", "1 if the change feed was read within the lease; if not, logins fail.", feed.is_fresh()
    )
    if feed.position is not None:
        yield gauge("feed_lag_seconds", "Seconds since the change feed was last read to its end.", feed.lag)
        yield gauge("feed_position", "The number of the last change that was dealt with.", feed.position)
    yield counter("nudges", "Times that the store or Redis hastened the next look at the feed.", feed.nudges)


def session_metrics(subject: Subject) -> Iterator[Metric]:
    house = subject.house
    live = Counter(one.protocol for one in house.sessions)
    yield gauges(
        "sessions",
        "Clients that are logged in.",
        ("protocol",),
        {(protocol,): live[protocol] for protocol in house.backends},
    )
    yield gauge("strangers", "Clients that are connected and not logged in.", len(house.strangers))
    yield counters("connections", "Clients that connected.", ("listener",), _by_one(house.tally.connections))
    yield counters("sessions_cut", "Clients that were cut, by reason.", ("reason",), _by_one(house.tally.cut))


def backend_metrics(subject: Subject) -> Iterator[Metric]:
    tried = {
        (protocol, one.address): one
        for protocol, backend in subject.house.backends.items()
        for one in backend.records()
    }
    labels = ("protocol", "address")
    yield gauges(
        "backend_up",
        "1 if the last try of the backend worked.",
        labels,
        {key: one.up for key, one in tried.items()},
    )
    yield counters(
        "backend_tries",
        "Times that a backend's address was tried.",
        labels,
        {key: one.tries for key, one in tried.items()},
    )
    yield counters(
        "backend_failures",
        "Tries of a backend's address that failed; the next address is tried then.",
        labels,
        {key: one.failures for key, one in tried.items()},
    )
    names = subject.directory_names
    yield counters(
        "directory_lookups",
        "Questions which entry a user is, by where the answer came from.",
        ("answer",),
        {("remembered",): names.remembered, ("asked",): names.asked, ("failed",): names.failed},
    )


def memory_metrics(subject: Subject) -> Iterator[Metric]:
    yield counters(
        "cache_lookups",
        "Look-ups of accounts and verified logins, by where they were found.",
        ("cache", "level"),
        {
            (cache, level): count
            for cache, one in (("accounts", subject.accounts), ("logins", subject.verified))
            for level, count in (
                ("memory", one.hits_memory),
                ("redis", one.hits_redis),
                ("none", one.misses),
            )
        },
    )
    if subject.redis is not None:
        yield gauge(
            "redis_up",
            "1 if Redis is asked, 0 while it is given a rest after failures.",
            subject.redis.available,
        )
        yield counter(
            "redis_failures",
            "Questions that Redis didn't answer in time, or with an error.",
            subject.redis.failures,
        )


def certificate_metrics(subject: Subject) -> Iterator[Metric]:
    yield gauges(
        "certificate_not_after_timestamp_seconds",
        "When the certificate that clients see expires, in seconds since 1970.",
        ("table",),
        {(table,): end_of(pem) for table, pem in subject.house.certificates.in_use()},
    )


def _by_one(counts: Counter[str]) -> dict[tuple[str, ...], float]:
    return {(key,): count for key, count in counts.items()}
