"""Workloads: the lengths that they promise, the same texts each time, whole rounds."""

from itertools import islice

import numpy as np
import pytest

from tests.shared import Checkpoints
from vectord.bench.words import ENOUGH, built_in, vocabulary
from vectord.bench.workload import MIXED, PAIRS, QUERIES, WORKLOADS, Call, calls_of, shape

WORDS = [f"w{number}" for number in range(500)]


def lengths(name: str, count: int) -> list[int]:
    calls = calls_of(WORKLOADS[name], WORDS, count, 1)
    return [text.count(" ") + 1 for call in calls for text in call.texts]


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_same_calls_come_each_time(name: str) -> None:
    one, other = (calls_of(WORKLOADS[name], WORDS, 50, 2) for _ in range(2))
    assert one == other
    assert len(set(one)) > len(one) // 2


def test_queries_have_4_to_14_words() -> None:
    assert set(lengths("short", 200)) == set(range(QUERIES.least, QUERIES.most + 1)) == set(range(4, 15))


def test_long_texts_have_400_words() -> None:
    assert set(lengths("long", 20)) == {400}


def test_mixed_lengths_are_log_normal() -> None:
    found = np.array(lengths("mixed", 4000))
    assert np.median(found) == pytest.approx(45, rel=0.05)
    below = found[found < MIXED.most]
    assert np.log(below).std() == pytest.approx(0.9, rel=0.1)
    assert found.min() >= 1
    assert found.max() == 480


@pytest.mark.parametrize(("name", "inputs"), [("requests-32", 32), ("requests-256", 256)])
def test_large_requests_are_full_and_enough_for_all_connections(name: str, inputs: int) -> None:
    calls = calls_of(WORKLOADS[name], WORDS, 100, 3)
    assert [len(call.texts) for call in calls] == [inputs] * 6


def test_a_fifth_of_what_is_asked_are_pairs() -> None:
    calls = calls_of(WORKLOADS["rerank"], WORDS, 2000, 1)
    pairs = sum(len(call.texts) for call in calls if call.query)
    assert pairs / sum(len(call.texts) for call in calls) == pytest.approx(0.2, abs=0.01)
    assert {len(call.texts) for call in calls if call.query} == {PAIRS}
    assert [ranked for _, ranked in islice(shape(WORKLOADS["rerank"]), 20)].count(True) == 1


def test_words_of_a_pair_count_the_query_too() -> None:
    assert Call(("one two", "three"), "a b c").words == 2 + 3 + 1 + 3


def test_words_come_from_the_vocabulary_or_else_are_built_in(checkpoint: Checkpoints) -> None:
    assert len(built_in()) >= ENOUGH
    assert all(word.isalpha() for word in built_in())
    found = vocabulary(checkpoint("bert") / "tokenizer.json")
    assert len(found) >= ENOUGH
    assert not any(word.startswith(("Ġ", "▁", "#", "[")) for word in found)
