"""Statistics: what the tables say."""

import numpy as np
import pytest

from vectord.bench.report import report
from vectord.bench.rounds import Results
from vectord.bench.summary import Spread, least_cosine, percentiles, ratio


def test_percentiles_are_figures_that_were_seen() -> None:
    found = percentiles([float(number) for number in range(100, 0, -1)])
    assert (found["p1"], found["p50"], found["p99"], found["p99.9"], found["p100"]) == (1, 50, 99, 100, 100)
    assert percentiles([3.0])["p1"] == percentiles([3.0])["p99"] == 3
    assert percentiles([]) == {}


def test_a_spread_shows_the_median_between_least_and_most() -> None:
    assert Spread.of([3, 1, 2]).show(1) == "2.0 (1.0-3.0)"
    assert Spread.of([0.0125]).show(1, 1000) == "12.5"


def test_ratios_are_taken_round_by_round() -> None:
    assert ratio([2, 40, 9], [1, 10, 3]) == Spread(3, 2, 4)


def test_the_least_cosine_is_of_vectors_of_the_same_number() -> None:
    one = {"0": np.array([1, 0], np.float32), "1": np.array([0, 2], np.float32)}
    assert least_cosine(one, {"1": np.array([0, 5], np.float32)}) == pytest.approx(1)
    assert least_cosine(one, {"0": np.array([1, 1], np.float32)}) == pytest.approx(0.5**0.5)
    assert least_cosine(one, {"0": np.array([1, 0, 0], np.float32)}) == 0
    assert least_cosine(one, {"0": np.array([np.nan, 0], np.float32)}) == 0
    assert least_cosine(one, {"7": one["0"]}) is None


def record(contender: str, number: int, seconds: float, **changes: object) -> dict[str, object]:
    plain = {"requests": 10, "texts": 20, "words": 200, "failed": {}, "client_cpu": 0.02, "latency": {}}
    place = {"workload": "mixed", "connections": 4, "contender": contender, "round": number}
    return {**plain, **place, "seconds": seconds, "first": "one", "cosine": 1.0, **changes}


def test_the_table_compares_with_the_first_and_marks_what_is_wrong() -> None:
    runs = [record("one", 0, 2.0), record("two", 0, 1.0), record("one", 1, 4.0), record("two", 1, 1.0)]
    runs[3] |= {"failed": {"status 500": 2}, "cosine": 0.98}
    results = Results(runs, {"three on mixed": "it is not there"})
    text = report(results, "a machine")
    assert "| two | 20.0 | 200 | 3.00 (2.00-4.00) |" in text
    assert "2 FAILED, 0.98000 DIFFERS" in text
    assert "- two: requests failed: 2 x status 500" in text
    assert "- two: other vectors than one, least cosine 0.9800" in text
    assert "- skipped: three on mixed: it is not there" in text
    assert "one: " not in text
