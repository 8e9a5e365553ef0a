"""Metrics of logins: how they ended, how long they took, and what hashing did for it."""

from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from gateway.judgement import Why
from gateway.metrics.family import Labels, counter, counters, gauge, histograms
from gateway.metrics.subject import Subject
from gateway.metrics.tally import Tally

# Prometheus sees an increase only from a value that was there before, so the ends that a login can have are.
_ENDS = (("admitted", ""), ("passed-through", ""), *(("refused", why.slug) for why in Why))


def login_metrics(subject: Subject) -> Iterator[Metric]:
    tally, protocols = subject.house.tally, tuple(subject.house.backends)
    ended: dict[Labels, float] = {(protocol, *end): 0 for protocol in protocols for end in _ENDS}
    ended.update(tally.logins)
    yield counters(
        "logins",
        "Logins by how they ended, in the words of the log.",
        ("protocol", "verdict", "reason"),
        ended,
    )
    yield histograms(
        "login_seconds",
        "How long logins took: the judgement, the login at the backend, and the whole.",
        ("protocol", "step"),
        {
            (protocol, step): one
            for protocol in protocols
            for step, one in (
                ("judgement", tally.judgement[protocol]),
                ("backend", subject.house.backends[protocol].login_seconds),
                ("whole", tally.whole[protocol]),
            )
        },
    )


def hashing_metrics(subject: Subject) -> Iterator[Metric]:
    hashing, tally = subject.hashing, subject.house.tally
    yield counter("argon2_runs", "Computations of argon2id, good or bad.", subject.argon2.runs)
    yield gauge("hashing_waiting", "Hashes that wait for a thread.", hashing.waiting)
    yield gauge("hashing_running", "Hashes that are being computed.", hashing.running)
    yield gauge("hashing_threads", "Threads that hash.", hashing.threads)
    yield gauge("hashing_queue", "Hashes that may wait; more are shed.", hashing.queue)
    yield counter("hashing_shed", "Hashes that were not computed because too many waited.", hashing.shed)
    yield _hashing_seconds(tally)


def _hashing_seconds(tally: Tally) -> Metric:
    return histograms(
        "hashing_seconds",
        "How long hashes waited for a thread, and how long they ran.",
        ("step",),
        {(step,): one for step, one in tally.hashing.items()},
    )
