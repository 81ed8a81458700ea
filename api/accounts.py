"""Accepted requests and what became of them, model by model, so that the counts add up.

Accepted is what got a place among `max_concurrent_requests`. It ends once: answered, failed or cancelled.
All numbers change and are read under one lock, so that a scrape never sees half of a change.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal, get_args

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

Outcome = Literal["answered", "failed", "cancelled"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(slots=True)
class Account:
    """One model's requests: `in_work` are accepted and have not ended."""

    accepted: int = 0
    in_work: int = 0
    ended: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))


class Accounts:
    """The accounts of all models, by name."""

    def __init__(self) -> None:
        self._by_model: dict[str, Account] = {}
        self._lock = Lock()

    def open(self, models: Iterable[str]) -> None:
        """Declare the models."""
        for model in models:
            self._by_model.setdefault(model, Account())

    def accept(self, model: str) -> None:
        """Count a request that got a place."""
        account = self._by_model[model]
        with self._lock:
            account.accepted += 1
            account.in_work += 1

    def end(self, model: str, outcome: Outcome) -> None:
        """Count what became of an accepted request."""
        account = self._by_model[model]
        with self._lock:
            account.ended[outcome] += 1
            account.in_work -= 1

    def collect(self) -> Iterator[Metric]:
        """Yield the counts."""
        accepted = CounterMetricFamily(
            "vectord_requests_accepted", "Requests that got a place in work.", labels=["model"]
        )
        ended = CounterMetricFamily(
            "vectord_requests_ended",
            "Accepted requests that were answered, failed, or were cancelled since the client left.",
            labels=["model", "outcome"],
        )
        in_work = GaugeMetricFamily(
            "vectord_requests_in_work", "Accepted requests that have not ended.", labels=["model"]
        )
        with self._lock:
            found = {model: deepcopy(account) for model, account in self._by_model.items()}
        for model, account in found.items():
            accepted.add_metric([model], account.accepted)
            in_work.add_metric([model], account.in_work)
            for outcome, count in account.ended.items():
                ended.add_metric([model, outcome], count)
        yield from (accepted, ended, in_work)


def outcome_of(status: int, hung_up: int) -> Outcome:
    """Return what became of a request, by the status of its answer; `hung_up` stands for none."""
    if status == hung_up:
        return "cancelled"
    return "failed" if status >= 400 else "answered"
