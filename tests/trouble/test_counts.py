"""The counts add up: what is accepted is answered, fails, is cancelled, or is in work."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.counts import Counts
from tests.server import DEFAULT_MODEL

from .conftest import Serve
from .traffic import LEFT, NO_ANSWER, drive

LIMITS = (
    "--max-concurrent-requests", "8", "--max-waiting-tokens", "1500", "--payload-limit", "100000",
    "--max-client-batch-size", "900", "--max-request-tokens", "6000", "--read-seconds", "2",
)  # fmt: skip
CONNECTIONS = 11  # more than are admitted
LIMIT_REASONS = {"too_many_requests", "too_many_waiting", "payload", "too_many_inputs", "deadline"}
OUTCOMES = ("answered", "failed", "cancelled")
MISTAKES = {"invalid", "unknown_model", "unknown_route", "wrong_task"}


async def scraped(client: httpx.AsyncClient) -> Counts:
    return Counts.of((await client.get("/metrics")).text)


async def watched(client: httpx.AsyncClient, seen: list[Counts]) -> None:
    """Scrape again and again."""
    while True:
        seen.append(await scraped(client))


async def settled(client: httpx.AsyncClient) -> Counts:
    """Return the counts once nothing is in work."""
    async with asyncio.timeout(20):
        while (counts := await scraped(client)).unfinished:
            pass
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
        outcomes = Counter[str]()
        for seed in range(8):  # who leaves while its request is in work is a matter of chance
            outcomes.update(await drive(int(url.rsplit(":", 1)[1]), 500, CONNECTIONS, seed=seed))
            if all_happened(await settled(client) - before):
                break
        scraping.cancel()
        after = await settled(client)
    assert len(scrapes) > 10
    assert max(one.in_work.total() for one in scrapes) > 1
    assert [fault for counts in (before, *scrapes, after) for fault in counts.unbalanced()] == []
    check_outcomes(outcomes, after - before)


def all_happened(done: Counts) -> bool:
    """Whether each end and each reason for a refusal was counted."""
    return all(done.outcomes[one] for one in OUTCOMES) and all(
        done.reasons.get(one) for one in (*LIMIT_REASONS, *MISTAKES)
    )


def check_outcomes(outcomes: Counter[str], done: Counts) -> None:
    """Compare what the clients saw with what the server counted; and all that can happen did."""
    left = outcomes.pop(LEFT)
    assert not outcomes[NO_ANSWER]
    assert list(done.unlike(outcomes, left)) == []
    assert all_happened(done)
    phases, answered = done.phases, done.outcomes["answered"]
    assert 0 < phases["queue"] == phases["run"] < phases["tokenise"] == phases["encode"] == answered


def test_what_does_not_add_up_is_told() -> None:
    right = Counts(accepted=Counter(one=3), ended=Counter(one=2), in_work=Counter(one=1))
    assert list(right.unbalanced()) == []
    assert list(Counts(accepted=Counter(one=3), ended=Counter(one=2)).unbalanced())
    over = Counts(accepted=Counter(one=1), ended=Counter(one=2), in_work=Counter(one=-1))
    assert list(over.unbalanced())
    done = Counts(
        statuses=Counter({"200": 2, "400": 1}), outcomes=Counter(answered=2), reasons=Counter(invalid=1)
    )
    assert list(done.unlike(Counter({"200": 2, "400": 1}), 0)) == []
    assert list(done.unlike(Counter({"200": 1, "400": 1}), 1)) == []
    assert list(done.unlike(Counter({"200": 1, "400": 1}), 0))
    assert list(done.unlike(Counter({"200": 3, "400": 1}), 0))
    done.reasons.clear()
    assert list(done.unlike(Counter({"200": 2, "400": 1}), 0))
