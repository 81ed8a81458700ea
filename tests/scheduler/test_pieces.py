"""What inputs get of batches: the same numbers, whichever batches they came in."""

from typing import Any

import numpy as np
import pytest

from vectord.core import Batch, Encoding
from vectord.scheduler.pieces import Pieces, Sparse, pieces_of, rows, sound_ones, token_rows

LENGTHS = (3, 1, 4)


def batch(lengths: tuple[int, ...] = LENGTHS) -> Batch:
    return Batch.of([Encoding(np.arange(n, dtype=np.int32), np.zeros(n, np.int32)) for n in lengths])


def vectors(count: int, start: int = 0) -> Any:
    return np.arange(start, start + count * 2, dtype=np.float32).reshape(count, 2)


def test_each_input_gets_its_row_its_tokens_and_its_weights() -> None:
    weights = np.array([[0, 2, 0], [0, 0, 0], [1, 0, 3]], np.float32)
    found = pieces_of(batch(), {"embedding": vectors(3), "tokens": vectors(8), "sparse": weights})
    assert [set(one) for one in found] == [{"embedding", "tokens", "sparse"}] * 3
    np.testing.assert_array_equal(rows(found, "embedding"), vectors(3))
    bounds = np.cumsum((0, *LENGTHS))
    for index, tokens in enumerate(token_rows(found, "tokens")):
        np.testing.assert_array_equal(tokens, vectors(8)[bounds[index] : bounds[index + 1]])
    last = found[2]["sparse"]
    assert isinstance(last, Sparse)
    assert (last.indices.tolist(), last.values.tolist()) == ([0, 2], [1, 3])
    assert found[0].get("token_logits") is None


def test_rows_come_in_the_asked_order_from_any_batches() -> None:
    first, second = (
        pieces_of(batch(), {"embedding": vectors(3)}),
        pieces_of(batch(), {"embedding": vectors(3, 6)}),
    )
    kept: Pieces = {"embedding": vectors(1, 100)[0]}
    whole = vectors(6)
    for order in ([0, 1, 2], [1, 2], [2, 0], [1, 1], [0, 3, 1], [5, 4, 3, 2, 1, 0]):
        asked = [(*first, *second)[index] for index in order]
        np.testing.assert_array_equal(rows(asked, "embedding"), whole[order])
        np.testing.assert_array_equal(rows([*asked, kept], "embedding"), [*whole[order], [100, 101]])


@pytest.mark.parametrize(("output", "count"), [("embedding", 8), ("tokens", 3)])
def test_outputs_that_do_not_fit_are_refused(output: Any, count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} rows of {output} where"):
        pieces_of(batch(), {output: vectors(count)})


def test_only_inputs_with_numbers_are_sound() -> None:
    values = vectors(3)
    values[1, 0] = np.nan
    assert sound_ones({"embedding": values}, pieces_of(batch(), {"embedding": values})) == [True, False, True]
