"""GET /metrics: the names are a contract; every series is there, with 0, from the start."""

from prometheus_client import CollectorRegistry, disable_created_metrics

from vectord.scheduler import Served

from .accounts import Accounts
from .batch_metrics import BatchMetrics
from .labels import OTHER
from .lane_metrics import LaneMetrics
from .request_metrics import OTHER_STATUSES, SERVED_STATUSES, TASKS, RequestMetrics


class Metrics:
    """What the process counts."""

    def __init__(self) -> None:
        # Each counter would bring a second series with the time of its making.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self.requests = RequestMetrics(self.registry)
        self.batches = BatchMetrics(self.registry)
        self.accounts = Accounts()
        self._lanes = LaneMetrics()
        self.registry.register(self.accounts)
        self.registry.register(self._lanes)

    def watch(self, served: tuple[Served, ...]) -> None:
        """Declare every series of these models."""
        self._lanes.served = served
        for one in served:
            self.batches.declare(one.name)
            # tokenising is a task of no model's
            self.requests.declare(one.name, (*one.card.tasks, OTHER), SERVED_STATUSES)
        self.requests.declare(OTHER, TASKS, OTHER_STATUSES)
        self.accounts.open([*(one.name for one in served), OTHER])
