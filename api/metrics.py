"""GET /metrics: the names are a contract; every series is there, with 0, from the start."""

from collections.abc import Iterator
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from vectord.core import Task
from vectord.scheduler import Served

from .labels import OTHER

# After the model is known / before it is. 499: the client hung up.
SERVED_STATUSES = ("200", "400", "422", "424", "429", "499", "500", "503", "504")
OTHER_STATUSES = (
    "200", "400", "401", "404", "405", "408", "413", "415", "422", "424", "429", "499", "500", "503", "504"
)  # fmt: skip
TASKS: tuple[str, ...] = (*get_args(Task), OTHER)
SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
# Of a batch in the fill ratio: about the last twenty count.
NEWEST = 0.1


class Metrics:
    """What the process counts."""

    def __init__(self) -> None:
        # Each counter would bring a second series with the time of its making.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "vectord_requests", "Requests answered.", ["model", "task", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "vectord_request_seconds",
            "Time from a request's headers to the end of its answer.",
            ["model", "task"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._tokens = Counter("vectord_tokens", "Real tokens run.", ["model"], registry=self.registry)
        self._batch_seconds = Counter(
            "vectord_batch_seconds", "Time that batches ran.", ["model"], registry=self.registry
        )
        self._fill = Gauge(
            "vectord_batch_fill_ratio",
            "Real tokens over padded tokens, mean of the latest batches.",
            ["model"],
            registry=self.registry,
        )
        self._found: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        self._fills: dict[str, float] = {}
        self._served: tuple[Served, ...] = ()
        self._declared: set[tuple[str, str, str]] = set()
        self.registry.register(self)

    def watch(self, served: tuple[Served, ...]) -> None:
        """Declare every series of these models."""
        self._served = served
        for one in served:
            self._tokens.labels(one.name)
            self._batch_seconds.labels(one.name)
            self._fill.labels(one.name)
            # tokenising is a task of no model's
            for task in (*one.card.tasks, OTHER):
                self._declare(one.name, task, SERVED_STATUSES)
        for any_task in TASKS:
            self._declare(OTHER, any_task, OTHER_STATUSES)

    def _declare(self, model: str, task: str, statuses: tuple[str, ...]) -> None:
        self._seconds.labels(model, task)
        for status in statuses:
            self._requests.labels(model, task, status)
            self._declared.add((model, task, status))

    def request_finished(self, model: str, task: str, status: str, seconds: float) -> None:
        """Count one request."""
        if (model, task, status) not in self._declared:
            status = OTHER
        count, times = self._counted(model, task, status)
        count.inc()
        times.observe(seconds)

    def _counted(self, model: str, task: str, status: str) -> tuple[Counter, Histogram]:
        """Return the two series of a request; to find them anew takes longer than to count."""
        key = (model, task, status)
        if key not in self._found:
            self._found[key] = (self._requests.labels(*key), self._seconds.labels(model, task))
        return self._found[key]

    def batch_finished(self, model: str, tokens: int, padded_tokens: int, seconds: float) -> None:
        """Count one batch that a model ran."""
        ratio = tokens / max(padded_tokens, 1)
        before = self._fills.get(model, ratio)
        self._fills[model] = before + NEWEST * (ratio - before)
        self._fill.labels(model).set(self._fills[model])
        self._tokens.labels(model).inc(tokens)
        self._batch_seconds.labels(model).inc(seconds)

    def collect(self) -> Iterator[Metric]:
        """Yield what the lanes know, read when it is asked for."""
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
        replicas = GaugeMetricFamily("vectord_replicas", "Sessions that run a model.", labels=["model"])
        for one in self._served:
            replicas.add_metric([one.name], one.replicas)
            waiting.add_metric([one.name], one.waiting)
            running.add_metric([one.name], one.running)
            oldest.add_metric([one.name], one.lane.oldest_seconds)
            shared.add_metric([one.name], one.lane.shared)
            abandoned.add_metric([one.name], one.abandoned)
            hits.add_metric([one.name], one.hits)
        yield from (waiting, running, oldest, shared, abandoned, hits, replicas)
