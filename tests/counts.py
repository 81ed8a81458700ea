"""What a server counted, and whether it adds up: with itself, and with what its clients saw."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from prometheus_client.parser import text_string_to_metric_families

BY_MODEL = {
    "vectord_requests_accepted_total": "accepted",
    "vectord_requests_ended_total": "ended",
    "vectord_requests_in_work": "in_work",
    "vectord_requests_waiting": "busy",
    "vectord_requests_running": "busy",
}
BY_LABEL = {
    "vectord_requests_total": ("status", "statuses"),
    "vectord_requests_ended_total": ("outcome", "outcomes"),
    "vectord_refusals_total": ("reason", "reasons"),
    "vectord_phase_seconds_count": ("phase", "phases"),
}


@dataclass
class Counts:
    """A scrape: requests by model, then what became of them, of all models together."""

    accepted: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    in_work: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, text: str) -> Self:
        """Read a scrape."""
        counts = cls()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name in BY_MODEL:
                    getattr(counts, BY_MODEL[sample.name])[sample.labels["model"]] += int(sample.value)
                if sample.name in BY_LABEL:
                    label, name = BY_LABEL[sample.name]
                    getattr(counts, name)[sample.labels[label]] += int(sample.value)
        return counts

    @property
    def unfinished(self) -> int:
        """Requests that are in work, or wait or run."""
        return self.in_work.total() + self.busy.total()

    def unbalanced(self) -> Iterator[str]:
        """Yield what does not add up, now: accepted is ended or in work, model by model."""
        for model, accepted in self.accepted.items():
            ended, in_work = self.ended[model], self.in_work[model]
            if accepted != ended + in_work or in_work < 0:
                yield f"{model}: {accepted} requests accepted, {ended} ended, {in_work} in work"

    def unlike(self, seen: Counter[str], left: int) -> Iterator[str]:
        """Yield where this differs from what clients saw: answers by status, and how often they `left`.

        Nothing must be in work, and every route that was asked must have wanted a place. Who left may have
        been answered, or gone before the request's head was whole.
        """
        for status, count in seen.items():
            if not count <= self.statuses[status] <= count + left:
                yield f"{count} answers of {status} seen, {self.statuses[status]} counted, {left} left"
        total = self.statuses.total()
        if not seen.total() <= total <= seen.total() + left:
            yield f"{total} requests counted, of {seen.total()} and {left} that left"
        answered, gone = self.statuses["200"], self.statuses["499"]
        if self.outcomes["answered"] != answered:
            yield f"{self.outcomes['answered']} requests answered, {answered} answers of 200"
        if self.outcomes["cancelled"] > gone or gone > left:
            yield f"{self.outcomes['cancelled']} requests cancelled, {gone} of 499, {left} left"
        refused = total - answered - gone - self.statuses["500"]
        if self.reasons.total() != refused:
            yield f"{self.reasons.total()} refusals with a reason, {refused} refused"

    def __sub__(self, before: "Counts") -> "Counts":
        """Return what was counted since then; what is in work is what it is now."""
        return Counts(
            self.accepted - before.accepted,
            self.ended - before.ended,
            self.in_work,
            self.busy,
            self.statuses - before.statuses,
            self.outcomes - before.outcomes,
            self.reasons - before.reasons,
            self.phases - before.phases,
        )
