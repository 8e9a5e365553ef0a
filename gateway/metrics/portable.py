"""Metric families as JSON, for the way from a worker to its supervisor."""

from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client.metrics_core import Metric


def packed(families: Iterable[Metric]) -> list[Any]:
    """What `unpacked` makes families of again."""
    return [
        [
            one.name,
            one.documentation,
            one.type,
            [[line.name, line.labels, line.value] for line in one.samples],
        ]
        for one in families
    ]


def unpacked(families: object) -> Iterator[Metric]:
    """Raises ValueError for what `packed` didn't make."""
    try:
        for name, documentation, kind, samples in families:  # type: ignore[attr-defined]
            family = Metric(name, documentation, kind)
            for sample, labels, value in samples:
                family.add_sample(sample, dict(labels), float(value))
            yield family
    except (TypeError, AttributeError) as error:
        raise ValueError(f"these are no metrics: {error}") from None
