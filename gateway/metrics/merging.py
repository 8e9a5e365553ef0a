"""The metrics of several worker processes as those of one gateway: each sample gets the label `worker`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric

LABEL = "worker"


@dataclass(frozen=True, slots=True)
class Merged:
    """What prometheus_client calls a collector, of what was gathered before."""

    families: tuple[Metric, ...]

    def collect(self) -> Iterator[Metric]:
        return iter(self.families)


def merged(by_worker: Mapping[str, Iterable[Metric]]) -> Merged:
    """A family that several have is one family (OpenMetrics 1.0, "MetricFamily": names are unique)."""
    families: dict[str, Metric] = {}
    for worker, theirs in by_worker.items():
        for one in theirs:
            family = families.setdefault(one.name, Metric(one.name, one.documentation, one.type))
            for sample in one.samples:
                family.add_sample(sample.name, {LABEL: worker, **sample.labels}, sample.value)
    return Merged(tuple(families.values()))
