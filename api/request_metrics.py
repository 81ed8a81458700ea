"""What the metrics say of requests: how many, how long, where their time went, and why they were refused."""

from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Histogram

from vectord.core import Task
from vectord.errors import Reason
from vectord.scheduler import Phase, Phases

from .labels import OTHER, Labels

# After the model is known / before it is. 499: the client hung up.
SERVED_STATUSES = ("200", "400", "422", "424", "429", "499", "500", "503", "504")
OTHER_STATUSES = (
    "200", "400", "401", "404", "405", "408", "413", "415", "422", "424", "429", "499", "500", "503", "504"
)  # fmt: skip
TASKS: tuple[str, ...] = (*get_args(Task), OTHER)
REASONS: tuple[Reason, ...] = get_args(Reason)
PHASES: tuple[Phase, ...] = get_args(Phase)
SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
PHASE_SECONDS = (0.00025, 0.001, *SECONDS)


class RequestMetrics:
    """Counts requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "vectord_requests", "Requests answered.", ["model", "task", "status"], registry=registry
        )
        self._seconds = Histogram(
            "vectord_request_seconds",
            "Time from a request's headers to the end of its answer.",
            ["model", "task"],
            buckets=SECONDS,
            registry=registry,
        )
        self._phases = Histogram(
            "vectord_phase_seconds",
            "Time of an answered request's phases.",
            ["model", "phase"],
            buckets=PHASE_SECONDS,
            registry=registry,
        )
        self._refusals = Counter(
            "vectord_refusals", "Requests refused, and why.", ["model", "reason"], registry=registry
        )
        self._found: dict[tuple[str, str, str], tuple[Counter, Histogram]] = {}
        self._timed: dict[str, dict[Phase, Histogram]] = {}
        self._declared: set[tuple[str, str, str]] = set()

    def declare(self, model: str, tasks: tuple[str, ...], statuses: tuple[str, ...]) -> None:
        """Let a model's series begin with 0."""
        for task in tasks:
            self._seconds.labels(model, task)
            for status in statuses:
                self._requests.labels(model, task, status)
                self._declared.add((model, task, status))
        for reason in REASONS:
            self._refusals.labels(model, reason)
        # to find series anew takes longer than to count
        self._timed[model] = {phase: self._phases.labels(model, phase) for phase in PHASES}

    def finished(self, labels: Labels, status: str, seconds: float) -> None:
        """Count one request."""
        if (labels.model, labels.task, status) not in self._declared:
            status = OTHER
        count, times = self._counted(labels.model, labels.task, status)
        count.inc()
        times.observe(seconds)
        if labels.reason is not None:
            self._refusals.labels(labels.model, labels.reason).inc()

    def timed(self, model: str, phases: Phases, encode: float) -> None:
        """Count the phases that a request went through."""
        series = self._timed[model]
        if phases.characters:
            series["tokenise"].observe(phases.tokenise)
        if phases.tokens:
            series["queue"].observe(phases.queue)
            series["run"].observe(phases.run)
        series["encode"].observe(encode)

    def _counted(self, model: str, task: str, status: str) -> tuple[Counter, Histogram]:
        """Return the two series of a request."""
        key = (model, task, status)
        if key not in self._found:
            self._found[key] = (self._requests.labels(*key), self._seconds.labels(model, task))
        return self._found[key]
