"""What the metrics say of lanes, read when it is asked for."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from vectord.scheduler import Served


class Series(NamedTuple):
    """One series for each model."""

    kind: type[GaugeMetricFamily] | type[CounterMetricFamily]
    name: str
    says: str
    read: Callable[[Served], float]


SERIES = (
    Series(GaugeMetricFamily, "requests_waiting", "Requests that wait.", lambda one: one.waiting),
    Series(GaugeMetricFamily, "requests_running", "Requests that run.", lambda one: one.running),
    Series(
        GaugeMetricFamily,
        "oldest_seconds",
        "Age of the input that waits longest.",
        lambda one: one.lane.oldest_seconds,
    ),
    Series(
        CounterMetricFamily,
        "shared_inputs",
        "Inputs answered by the run of one like it.",
        lambda one: one.lane.shared,
    ),
    Series(CounterMetricFamily, "cache_hits", "Inputs answered by --cache-mb's cache.", lambda one: one.hits),
    Series(
        CounterMetricFamily,
        "abandoned_runners",
        "Runners given up since a batch hung or the device was lost.",
        lambda one: one.abandoned,
    ),
    Series(GaugeMetricFamily, "replicas", "Sessions that run a model.", lambda one: one.replicas),
)


class LaneMetrics:
    """Reads what waits and runs, and what models count themselves."""

    def __init__(self) -> None:
        self.served: tuple[Served, ...] = ()

    def collect(self) -> Iterator[Metric]:
        """Yield what the lanes know."""
        for one in SERIES:
            family = one.kind(f"vectord_{one.name}", one.says, labels=["model"])
            for served in self.served:
                family.add_metric([served.name], one.read(served))
            yield family
