"""Vectors in fewer bits: what is asked of the engine, and pure functions that make it of float32."""

from collections.abc import Collection
from typing import Any, Literal

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from vectord.errors import InvalidRequest

Precision = Literal["float32", "float16", "bfloat16", "int8", "uint8", "binary", "ubinary"]
EIGHT_BITS: frozenset[Precision] = frozenset({"int8", "uint8"})
ONE_BIT: frozenset[Precision] = frozenset({"binary", "ubinary"})
LEVELS = 127  # of int8 on each side of zero; -128 stays unused, so that q and -q are of one size
MIDDLE = np.uint8(128)  # what stands for zero in uint8
Array = NDArray[np.float32]


def converted(vectors: Array, precision: Precision, scale: float | None) -> NDArray[Any]:
    """Return (inputs, width) in a precision; one bit a value makes it (inputs, width / 8).

    `scale` is the step of int8 and uint8, which need one: q = clip(round(x / scale), -127, 127), and
    uint8 is q + 128. A bit says that the value is not negative; the first one is the highest of its byte,
    and a signed byte is the unsigned one less 128.
    """
    match precision:
        case "float32":
            return vectors
        case "float16":
            most = np.finfo(np.float16).max
            return np.clip(vectors, -most, most).astype(np.float16)
        case "bfloat16":
            return vectors.astype(ml_dtypes.bfloat16)
        case "int8":
            return quantised(vectors, scale)
        case "uint8":
            return quantised(vectors, scale).view(np.uint8) ^ MIDDLE
        case "binary":
            return (packed(vectors) ^ MIDDLE).view(np.int8)
        case "ubinary":
            return packed(vectors)


def quantised(vectors: Array, scale: float | None) -> NDArray[np.int8]:
    """Return the nearest multiples of `scale`."""
    if scale is None:
        raise ValueError("8 bits need a scale")
    steps = np.rint(vectors / np.float32(scale))
    levels: NDArray[np.int8] = np.clip(steps, -LEVELS, LEVELS).astype(np.int8)
    return levels


def packed(vectors: Array) -> NDArray[np.uint8]:
    """Return a bit for each value, eight to a byte."""
    return np.packbits(vectors >= 0, axis=-1)


def scale_of(vectors: Array) -> float:
    """Return the step with which 8 bits reach from the least to the greatest value seen.

    One step for all dimensions and no offset: so products and cosines of whole numbers stay in proportion
    to those of the vectors. Rows of zeros have no size; any step does for them.
    """
    largest = float(np.abs(vectors).max())
    return largest / LEVELS if largest > 0 else 1.0 / LEVELS


def check_precisions(precisions: Collection[Precision], width: int) -> None:
    """Raise `InvalidRequest` where single bits would not fill the last byte."""
    asked = ONE_BIT.intersection(precisions)
    if asked and width % 8:
        raise InvalidRequest(
            f"{' and '.join(sorted(asked))} vectors pack 8 dimensions into a byte, so their number must be a "
            f"multiple of 8, not {width}",
            param="dimensions",
        )
