"""How large batches are, by what they cost."""

import pytest

from vectord.core import Batch
from vectord.scheduler import Limits
from vectord.scheduler.budget import BEGIN_TOKENS, MOST_LOSS, OWN_SECONDS, SECONDS, STEP, batch_tokens
from vectord.scheduler.cost import Cost
from vectord.scheduler.lane import Lane

from .fakes import encoding

MINILM = Cost(0.0015, 1.1e-4, 1e-8)  # on one core
MINILM_ON_A_BUSY_CORE = Cost(0.0, 3.9e-4, 0.0)
HALF_A_BILLION = Cost(0.021, 2.6e-3, 0.0)  # on one core
ON_A_GPU = Cost(0.003, 1e-6, 0.0)


@pytest.mark.parametrize(
    ("cost", "most", "found"),
    [
        (MINILM, 512, 512),
        (MINILM_ON_A_BUSY_CORE, 512, 512),
        (HALF_A_BILLION, 512, 64),
        (ON_A_GPU, 16_384, 16_384),
    ],
)
def test_a_batch_is_large_on_a_fast_model_and_small_on_a_slow_one(cost: Cost, most: int, found: int) -> None:
    assert batch_tokens(cost, most) == found


@pytest.mark.parametrize("token", [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2])
@pytest.mark.parametrize("begin", [0.0, 0.001, 0.02, 0.2])
def test_a_batch_is_over_in_time_or_as_small_as_may_be(begin: float, token: float) -> None:
    cost = Cost(begin, token, 0.0)
    found = batch_tokens(cost, 10**9)
    smaller = max(1, found - STEP)
    own = max(begin + OWN_SECONDS, BEGIN_TOKENS * token)
    lost = own / (own + token * smaller)
    assert found >= STEP
    assert found == STEP or cost.seconds(1, smaller) <= SECONDS or lost >= MOST_LOSS


def test_where_tokens_cost_nothing_memory_decides() -> None:
    assert batch_tokens(Cost(0.05, 0.0, 0.0), 4096) == 4096


def test_a_lane_follows_its_cost_unless_it_is_told_a_number() -> None:
    timed = [(count, 16, HALF_A_BILLION.seconds(count, 16)) for count in (1, 4, 16)]
    assert Lane(Limits(512, 1000), timed).batch_tokens == 512
    assert Lane(Limits(512, 1000, by_cost=True), timed).batch_tokens == 64
    lane = Lane(Limits(512, 1000, by_cost=True), [(n, 16, MINILM.seconds(n, 16)) for n in (1, 4, 16)])
    before = lane.batch_tokens
    for count in (1, 4, 16) * 100:
        batch = Batch.of([encoding(16)] * count)
        lane.learn(batch, HALF_A_BILLION.seconds(count, 16), 1)
    assert (before, lane.batch_tokens) == (512, 64)
