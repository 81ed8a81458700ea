"""The counts add up: what is accepted is answered, fails, is cancelled, or is in work."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.server import DEFAULT_MODEL

from .conftest import Serve
from .traffic import LEFT, NO_ANSWER, drive

LIMITS = (
    "--max-concurrent-requests", "8", "--max-waiting-tokens", "1500", "--payload-limit", "100000",
    "--max-client-batch-size", "900", "--max-request-tokens", "6000", "--read-seconds", "2",
)  # fmt: skip
CONNECTIONS = 11  # more than are admitted
LIMIT_REASONS = {"too_many_requests", "too_many_waiting", "payload", "too_many_inputs", "deadline"}
MISTAKES = {"invalid", "unknown_model", "unknown_route", "wrong_task"}


@dataclass
class Counts:
    """What a scrape says, by model; the rest of all models together."""

    accepted: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    in_work: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    phases: Counter[str] = field(default_factory=Counter)

    def check(self) -> None:
        """The equation, exactly."""
        assert self.accepted
        for model, accepted in self.accepted.items():
            assert accepted == self.ended[model] + self.in_work[model], model
            assert self.in_work[model] >= 0


def counts_of(text: str) -> Counts:
    counts = Counts()
    by_name = {
        "vectord_requests_accepted_total": counts.accepted,
        "vectord_requests_ended_total": counts.ended,
        "vectord_requests_in_work": counts.in_work,
        "vectord_requests_waiting": counts.busy,
        "vectord_requests_running": counts.busy,
    }
    by_label = {
        "vectord_requests_total": ("status", counts.statuses),
        "vectord_requests_ended_total": ("outcome", counts.outcomes),
        "vectord_refusals_total": ("reason", counts.reasons),
        "vectord_phase_seconds_count": ("phase", counts.phases),
    }
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in by_name:
                by_name[sample.name][sample.labels["model"]] += int(sample.value)
            if sample.name in by_label:
                label, counter = by_label[sample.name]
                counter[sample.labels[label]] += int(sample.value)
    return counts


async def watched(client: httpx.AsyncClient, seen: list[Counts]) -> None:
    """Scrape again and again."""
    while True:
        seen.append(counts_of((await client.get("/metrics")).text))


async def settled(client: httpx.AsyncClient) -> Counts:
    """Return the counts once nothing is in work."""
    async with asyncio.timeout(20):
        while True:
            counts = counts_of((await client.get("/metrics")).text)
            if not counts.in_work.total() and not counts.busy.total():
                return counts


@pytest.fixture(scope="module")
def url(serve: Serve) -> Iterator[str]:
    assert DEFAULT_MODEL is not None
    with serve(f"one={DEFAULT_MODEL}", *LIMITS) as server:
        yield server.url


async def test_the_counts_add_up(url: str) -> None:
    scrapes: list[Counts] = []
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        before = await settled(client)
        scraping = asyncio.create_task(watched(client, scrapes))
        outcomes = await drive(int(url.rsplit(":", 1)[1]), 500, CONNECTIONS, seed=1)
        scraping.cancel()
        after = await settled(client)
    assert len(scrapes) > 10
    assert max(one.in_work.total() for one in scrapes) > 1
    for counts in (before, *scrapes, after):
        counts.check()
    check_outcomes(outcomes, after, before)


def check_outcomes(outcomes: Counter[str], after: Counts, before: Counts) -> None:
    """Compare what the clients saw with what the server counted."""
    statuses, ended = after.statuses - before.statuses, after.outcomes - before.outcomes
    reasons = after.reasons - before.reasons
    left = outcomes[LEFT]
    assert not outcomes[NO_ANSWER]
    # a client that left may have been answered, or gone before its headers were whole
    for status, count in outcomes.items():
        assert status == LEFT or count <= statuses[status] <= count + left, status
    assert statuses.total() <= outcomes.total()
    assert ended["answered"] == statuses["200"]  # every route of the traffic asks for a place
    assert ended["cancelled"] <= statuses["499"] <= left
    phases = after.phases - before.phases
    assert 0 < phases["queue"] == phases["run"] < phases["tokenise"] == phases["encode"] == ended["answered"]
    # what is no answer and no bug has a reason
    assert reasons.total() == statuses.total() - statuses["200"] - statuses["499"] - statuses["500"]
    assert reasons.keys() >= {*LIMIT_REASONS, *MISTAKES}
    assert all(ended[outcome] for outcome in ("answered", "failed", "cancelled"))
