"""What the metrics say of lanes, read when it is asked for."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from vectord.scheduler import Served


class LaneMetrics:
    """Reads what waits and runs, and what models count themselves."""

    def __init__(self) -> None:
        self.served: tuple[Served, ...] = ()

    def collect(self) -> Iterator[Metric]:
        """Yield what the lanes know."""
        waiting = GaugeMetricFamily("vectord_requests_waiting", "Requests that wait.", labels=["model"])
        running = GaugeMetricFamily("vectord_requests_running", "Requests that run.", labels=["model"])
        oldest = GaugeMetricFamily(
            "vectord_oldest_seconds", "Age of the input that waits longest.", labels=["model"]
        )
        shared = CounterMetricFamily(
            "vectord_shared_inputs", "Inputs answered by the run of one like it.", labels=["model"]
        )
        hits = CounterMetricFamily(
            "vectord_cache_hits", "Inputs answered by --cache-mb's cache.", labels=["model"]
        )
        abandoned = CounterMetricFamily(
            "vectord_abandoned_runners", "Runners given up since a batch hung.", labels=["model"]
        )
        for one in self.served:
            waiting.add_metric([one.name], one.waiting)
            running.add_metric([one.name], one.running)
            oldest.add_metric([one.name], one.lane.oldest_seconds)
            shared.add_metric([one.name], one.lane.shared)
            abandoned.add_metric([one.name], one.abandoned)
            hits.add_metric([one.name], one.hits)
        yield from (waiting, running, oldest, shared, abandoned, hits)
