import numpy as np
import orjson
import pytest

from vectord.api.encode import PART, encode, matrix, vector


@pytest.mark.parametrize("count", [1, 2, 170, 171, 1000])
def test_rows_written_in_parts_are_the_same_bytes(count: int) -> None:
    rows = np.random.default_rng(0).standard_normal((count, 384)).astype(np.float32)
    assert matrix(rows) == encode(rows)
    assert encode({"data": vector(rows, "float")}) == encode({"data": rows})


def test_rows_are_written_in_parts_only_where_they_are_many() -> None:
    assert isinstance(vector(np.zeros((PART // 4 + 1, 4), np.float32), "float"), orjson.Fragment)
    assert isinstance(vector(np.zeros((PART // 4, 4), np.float32), "float"), np.ndarray)
    assert isinstance(vector(np.zeros(2 * PART, np.float32), "float"), np.ndarray)
