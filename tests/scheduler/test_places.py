"""Where the inputs of a request go in the queue."""

from hypothesis import given
from hypothesis import strategies as st

from vectord.scheduler.job import Item, Job
from vectord.scheduler.places import put

from .fakes import encoding
from .test_lane import EMBEDDING


def items_of(lengths: list[int]) -> list[Item]:
    encodings = [encoding(length) for length in lengths]
    job = Job(encodings, EMBEDDING)
    key = (b"", b"", 0, 0, False)
    return [Item(key, one, len(one), EMBEDDING, 0.0, [(job, index)]) for index, one in enumerate(encodings)]


@given(st.lists(st.integers(1, 600), max_size=60), st.integers(1, 1000), st.sampled_from([1.0, 4.0]))
def test_a_turn_has_one_place_and_no_input_comes_before_its_share(
    lengths: list[int], most: int, pace: float
) -> None:
    items, front = items_of(lengths), 100.0
    turns = put(items, front, pace, most)
    assert sum(turn.tokens for turn in turns) == sum(lengths)
    assert [item.place for item in items] == sorted(item.place for item in items)
    for turn in turns:
        inside = [length for item, length in zip(items, lengths, strict=True) if item.place == turn.place]
        assert sum(inside) == turn.tokens <= max(most, inside[0])
    before = 0
    for item, length in zip(items, lengths, strict=True):
        # where it would begin if the lane were shared at every moment, and at most a turn behind that
        assert front + pace * before <= item.place < front + pace * (before + max(most, 1))
        before += length


def test_a_single_input_is_at_the_front_however_long() -> None:
    assert [turn.place for turn in put(items_of([512]), 7.0, 1.0, 64)] == [7.0]
    assert put([], 7.0, 1.0, 64) == []
