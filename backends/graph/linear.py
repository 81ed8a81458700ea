"""A linear map of rows, in float or in 8 bits: the one place where a form's `linear` matters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import numpy as np

if TYPE_CHECKING:
    from .builder import Builder, Value

MICROSOFT = "com.microsoft"  # the domain of ONNX Runtime's own operators
LEVELS = 255  # of a row, above its smallest number
TINY = 1e-30  # keeps a row of equal numbers from a division by zero


@dataclass(frozen=True, slots=True)
class QuantisedRows:
    """Rows as low + span / 255 * levels: levels (tokens, in) uint8, low and span (tokens, 1) float32."""

    levels: "Value"
    low: "Value"
    span: "Value"


def emit_linear(b: "Builder", x: "Value", names: Sequence[str]) -> "Value":
    """Return x @ weight.T + bias for x (tokens, in)."""
    match b.form.linear:
        case "float":
            return emit_float(b, x, names)
        case "integer":
            return emit_integer(b, x, names)
        case "compressed":
            return emit_compressed(b, x, names)
        case _:
            assert_never(b.form.linear)


def emit_float(b: "Builder", x: "Value", names: Sequence[str]) -> "Value":
    """Multiply in float32. Gemm takes the weight as it is stored, so no transposed copy is made."""
    weight = b.weight(*(f"{name}.weight" for name in names))
    return str(b.op("Gemm", x, weight, *b.bias(names), transB=1))


def emit_compressed(b: "Builder", x: "Value", names: Sequence[str]) -> "Value":
    """Multiply by weights that are widened on the way: the pattern that OpenVINO knows as compressed."""
    matrix = [f"{name}.weight" for name in names]
    levels, scale = (b.parameters.declare_quantised(part, *matrix) for part in ("levels", "scale"))
    weight = b.op("DequantizeLinear", levels, scale, axis=0)
    return str(b.op("Gemm", x, weight, *b.bias(names), transB=1))


def emit_integer(b: "Builder", x: "Value", names: Sequence[str]) -> "Value":
    """Multiply levels by levels; what the smallest number of a row adds is a product with the sums."""
    matrix = [f"{name}.weight" for name in names]
    rows: QuantisedRows = b.shared(f"levels of {x}", lambda: emit_levels(b, x))
    levels, scale, sums = (
        b.parameters.declare_quantised(part, *matrix) for part in ("levels", "scale", "sums")
    )
    step, zero = b.scalar(1 / LEVELS), b.constant(np.array(0, np.uint8))
    zeros = b.constant(np.zeros(b.parameters.shape(*matrix)[0], np.int8))
    product = b.op("QGemm", rows.levels, step, zero, levels, scale, zeros, transB=1, domain=MICROSOFT)
    rest = b.op("Gemm", rows.low, sums, *b.bias(names))
    return str(b.op("Add", b.op("Mul", product, rows.span), rest))


def emit_levels(b: "Builder", x: "Value") -> QuantisedRows:
    """Quantise each row by its own range, so that no answer depends on what shares the batch.

    From the smallest to the largest number: a symmetric range cost twice the error, since networks have
    channels that are large on one side.
    """
    low = b.op("ReduceMin", x, b.ints(1), keepdims=1)
    high = b.op("ReduceMax", x, b.ints(1), keepdims=1)
    span = b.op("Max", b.op("Sub", high, low), b.scalar(TINY))
    parts = b.op("Mul", b.op("Sub", x, low), b.op("Reciprocal", span))
    levels = b.op("QuantizeLinear", parts, b.scalar(1 / LEVELS), b.constant(np.array(0, np.uint8)))
    return QuantisedRows(levels, low, span)
