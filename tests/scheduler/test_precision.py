"""Fewer bits: numbers worked out by hand, and sentence-transformers' packing."""

import ml_dtypes
import numpy as np
import pytest
from sentence_transformers.util.quantization import quantize_embeddings

from vectord.errors import InvalidRequest
from vectord.scheduler.precision import check_precisions, converted, scale_of

ROW = np.array([[0.5, -0.5, 0.004, -0.0, 1.0, -1.0, 2.0, -2.0]], np.float32)


def test_int8_rounds_and_clips_to_whole_steps_on_both_sides_of_zero() -> None:
    assert converted(ROW, "int8", 0.01).tolist() == [[50, -50, 0, 0, 100, -100, 127, -127]]


def test_uint8_is_int8_moved_up() -> None:
    moved = converted(ROW, "uint8", 0.01)
    assert moved.dtype == np.uint8
    assert moved.tolist() == [[178, 78, 128, 128, 228, 28, 255, 1]]


def test_a_bit_says_not_negative_and_the_first_is_the_highest() -> None:
    assert converted(ROW, "ubinary", None).tolist() == [[0b10111010]]
    assert converted(ROW, "binary", None).tolist() == [[0b10111010 - 128]]


def test_bits_are_those_of_sentence_transformers() -> None:
    rows = np.random.default_rng(0).standard_normal((5, 64)).astype(np.float32)
    for precision in ("binary", "ubinary"):
        ours = converted(rows, precision, None)
        theirs = np.asarray(quantize_embeddings(rows, precision))
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)


def test_sixteen_bits_are_the_nearest_values() -> None:
    rows = np.random.default_rng(0).standard_normal((3, 8)).astype(np.float32)
    np.testing.assert_array_equal(converted(rows, "float16", None), rows.astype(np.float16))
    assert converted(rows, "bfloat16", None).dtype == ml_dtypes.bfloat16
    np.testing.assert_allclose(converted(rows, "bfloat16", None).astype(np.float32), rows, rtol=2**-8)


def test_values_beyond_float16_stay_finite() -> None:
    rows = np.array([[1e6, -1e6]], np.float32)
    assert converted(rows, "float16", None).tolist() == [[65504, -65504]]


def test_the_scale_reaches_to_the_largest_value_of_either_sign() -> None:
    assert scale_of(np.array([[0.1, -1.27], [0.2, 0.3]], np.float32)) == pytest.approx(0.01)
    assert scale_of(np.zeros((2, 3), np.float32)) > 0


@pytest.mark.parametrize("precision", ["binary", "ubinary"])
def test_bits_need_whole_bytes(precision: str) -> None:
    check_precisions([precision], 16)  # type: ignore[list-item]
    check_precisions(["int8"], 15)
    with pytest.raises(InvalidRequest, match="multiple of 8, not 15"):
        check_precisions([precision], 15)  # type: ignore[list-item]


def test_eight_bits_without_a_scale_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="scale"):
        converted(ROW, "int8", None)
