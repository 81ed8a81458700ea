"""The packer's promises, over every queue that hypothesis can think of."""

import time
from collections.abc import Collection, Sequence
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from vectord.scheduler.packer import BATCH_COST, OVERTAKEN, WINDOW, cheapest_cuts, overtakers, pack

lengths = st.lists(st.integers(1, 600), min_size=1, max_size=80)
budgets = st.integers(1, 2048)
shares = st.sampled_from([1.0, 0.25, 0.0])  # exact in binary


@given(lengths, budgets, shares, st.data())
def test_a_batch_takes_the_most_urgent_item_and_keeps_the_budget(
    queue: list[int], budget: int, padding: float, data: st.DataObject
) -> None:
    tokens = st.integers(0, (OVERTAKEN + 1) * budget)
    overtaken = data.draw(st.lists(tokens, min_size=len(queue), max_size=len(queue)))
    hurried = sorted(data.draw(st.sets(st.integers(0, len(queue) - 1))))
    chosen = pack(queue, overtaken, budget, hurried, padding)
    assert chosen[0] == 0
    assert chosen == sorted(set(chosen))
    assert chosen[-1] < len(queue)
    batch = [queue[index] for index in chosen]
    assert len(chosen) == 1 or sum(batch) + padding * (max(batch) * len(batch) - sum(batch)) <= budget


class Queue:
    """Waiting inputs, the most urgent first: their numbers, lengths, and the tokens that overtook them."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self.waiting = [*enumerate(lengths)]
        self.overtaken = [0] * len(lengths)

    def take(self, budget: int, every: int, padding: float) -> list[int]:
        """Run a batch; return the numbers of its inputs."""
        hurried = [index for index, (number, _) in enumerate(self.waiting) if number % every == 1]
        lengths = [length for _, length in self.waiting]
        chosen = pack(lengths, self.overtaken, budget, hurried, padding)
        behind = [*accumulate((length * (index in chosen) for index, length in enumerate(lengths)))]
        for index, tokens in overtakers(chosen, lengths).items():
            assert tokens == behind[-1] - behind[index]
            self.overtaken[index] += tokens
        assert max(self.overtaken) < (OVERTAKEN + 1) * budget
        ran = [self.waiting[index][0] for index in chosen]
        for index in reversed(chosen):
            del self.waiting[index], self.overtaken[index]
        return ran


@given(lengths, budgets, st.integers(1, 5), shares)
@settings(max_examples=60, deadline=None)
def test_every_item_runs_once_and_none_is_overtaken_by_too_much(
    lengths: list[int], budget: int, every: int, padding: float
) -> None:
    queue, ran = Queue(lengths), list[int]()
    while queue.waiting:
        ran += queue.take(budget, every, padding)
    assert sorted(ran) == list(range(len(lengths)))


@given(lengths, st.lists(st.integers(1, 600), min_size=40, max_size=40), budgets, shares)
@settings(max_examples=60, deadline=None)
def test_the_bound_holds_while_items_come(
    lengths: list[int], coming: list[int], budget: int, padding: float
) -> None:
    queue = Queue(lengths)
    for number, length in enumerate(coming):
        queue.take(budget, 10**6, padding)
        queue.waiting.append((len(lengths) + number, length))
        queue.overtaken.append(0)


def test_nothing_runs_before_what_was_overtaken_by_too_much() -> None:
    queue, overtaken = [40, 10, *[12, 40] * 40, 90], [0] * 83
    assert {queue[index] for index in pack(queue, overtaken, 512)} == {40}
    overtaken[1] = OVERTAKEN * 512
    assert pack(queue, overtaken, 512) == [0, 1]


def test_many_small_batches_pass_over_an_item_that_one_full_batch_could_not() -> None:
    queue = [100, 60, *[100] * 20]
    assert 1 not in pack(queue, [0, 5 * 512, *[0] * 20], 512)


def excess(queue: Collection[int], budget: int, padding: float) -> float:
    """Return what the cuts cost beyond the best way of all, tried in full, as a share of it."""
    ordered = sorted(queue, reverse=True)

    def size(piece: list[int]) -> float:
        return sum(piece) + padding * (piece[0] * len(piece) - sum(piece))

    def cost(pieces: list[list[int]]) -> float:
        return sum(BATCH_COST + size(piece) for piece in pieces)

    def ways(rest: list[int]) -> list[list[list[int]]]:
        if not rest:
            return [[]]
        sizes = [n for n in range(1, len(rest) + 1) if n == 1 or size(rest[:n]) <= budget]
        return [[rest[:n], *more] for n in sizes for more in ways(rest[n:])]

    cuts, start, pieces = cheapest_cuts(ordered, budget, padding), 0, []
    while start < len(ordered):
        pieces.append(ordered[start : cuts[start]])
        start = cuts[start]
    return cost(pieces) / min(map(cost, ways(ordered))) - 1


@given(st.lists(st.integers(1, 600), min_size=1, max_size=9), budgets, shares)
def test_cuts_cost_nearly_the_least(queue: list[int], budget: int, padding: float) -> None:
    assert excess(queue, budget, padding) <= 0.05


@given(st.sets(st.integers(1, 600), min_size=1, max_size=9), budgets, shares)
def test_cuts_of_distinct_lengths_cost_the_least(queue: set[int], budget: int, padding: float) -> None:
    assert excess(queue, budget, padding) < 1e-12


def test_what_is_in_a_hurry_rides_with_what_is_longer_but_not_with_what_is_much_longer() -> None:
    queue = [20, 9, 14, *[20, 9, 14, 30] * 50]
    none = [0] * len(queue)
    assert not {1, 2} & set(pack(queue, none, 512))
    chosen = pack(queue, none, 512, [1, 2])
    assert chosen[:3] == [0, 1, 2]
    assert {queue[index] for index in chosen[3:]} == {20}
    assert len(chosen) == 512 // 20
    assert not {1, 2} & set(pack([200, *queue[1:]], none, 512, [1, 2]))


def test_equal_lengths_fill_the_budget() -> None:
    assert len(pack([32] * 100, [0] * 100, 1024)) == 32


def test_a_long_text_does_not_pad_short_ones() -> None:
    queue = [400, *[8] * 60]
    assert pack(queue, [0] * len(queue), 1024) == [0]


def test_an_item_longer_than_the_budget_runs_alone() -> None:
    assert pack([5000, 5000], [0, 0], 1024) == [0]


def test_a_decision_is_quick_with_ten_thousand_waiting() -> None:
    queue = [1 + (index * 7919) % 300 for index in range(10_000)]
    start, taken = time.perf_counter(), 0
    for _ in range(20):
        taken += len(pack(queue[:WINDOW], [0] * WINDOW, 1024))
    assert (time.perf_counter() - start) / 20 < 0.1  # a wide margin: no timed figure is promised here
    assert taken >= 20
