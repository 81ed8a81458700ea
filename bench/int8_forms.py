"""Ways to multiply in 8 bits that were tried beside those in use; each has the form of `emit_linear`."""

from collections.abc import Callable, Sequence

import numpy as np
from onnx import TensorProto

from vectord.backends.graph.builder import Builder, Value
from vectord.backends.graph.linear import MICROSOFT

Emit = Callable[[Builder, Value, Sequence[str]], Value]
BLOCK = 128


def parts(b: Builder, names: Sequence[str]) -> tuple[Value, Value, int, int]:
    """Return levels (out, in) and scale (out,) of the matrices side by side, and their sides."""
    matrix = [f"{name}.weight" for name in names]
    levels, scale = (b.parameters.declare_quantised(part, *matrix) for part in ("levels", "scale"))
    rows, columns = b.parameters.shape(*matrix)
    return levels, scale, rows, columns


def whole_tensor(b: Builder, x: Value, names: Sequence[str]) -> Value:
    """One scale for all rows: what shares the batch, padding included, changes an answer."""
    levels, scale, _, _ = parts(b, names)
    turned = b.op("Transpose", levels, perm=[1, 0])
    bias = b.bias(names) or [""]
    return str(b.op("DynamicQuantizeMatMul", x, turned, scale, "", *bias, domain=MICROSOFT))


def blocks(b: Builder, x: Value, names: Sequence[str]) -> Value:
    """One scale for each 128 channels of a row."""
    levels, scale, rows, columns = parts(b, names)
    wide = b.op("Add", b.op("Cast", levels, to=TensorProto.INT32), b.constant(np.array(128, np.int32)))
    count = columns // BLOCK
    weight = b.op("Reshape", b.op("Cast", wide, to=TensorProto.UINT8), b.ints(rows, count, BLOCK))
    each = b.op("Expand", b.op("Unsqueeze", scale, b.ints(1)), b.ints(rows, count))
    scales = b.op("Reshape", each, b.ints(-1))
    sizes = {"K": columns, "N": rows, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
    bias = b.bias(names) or [""]
    return str(b.op("MatMulNBits", x, weight, scales, "", "", *bias, domain=MICROSOFT, **sizes))


def largest(b: Builder, x: Value) -> Value:
    """Return the largest size in each row, (tokens, 1)."""
    return str(b.op("Max", b.op("ReduceMax", b.op("Abs", x), b.ints(1), keepdims=1), b.scalar(1e-30)))


def symmetric_rows(b: Builder, x: Value, names: Sequence[str]) -> Value:
    """One scale for each row, from minus to plus its largest size, in ONNX Runtime's own operator."""
    levels, scale, rows, _ = parts(b, names)
    step, middle = b.scalar(1 / 127), b.constant(np.array(128, np.uint8))

    def quantise() -> tuple[Value, Value]:
        size = largest(b, x)
        return b.op("QuantizeLinear", b.op("Div", x, size), step, middle), size

    given, size = b.shared(f"symmetric {x}", quantise)
    zeros = b.constant(np.zeros(rows, np.int8))
    product = b.op("QGemm", given, step, middle, levels, scale, zeros, transB=1, domain=MICROSOFT)
    scaled = b.op("Mul", product, size)
    return str(b.op("Add", scaled, *b.bias(names)) if b.bias(names) else scaled)


def marked_rows(b: Builder, x: Value, names: Sequence[str]) -> Value:
    """The same in standard operators, which OpenVINO recognises and fuses."""
    levels, scale, _, _ = parts(b, names)
    step, middle = b.scalar(1 / 127), b.constant(np.array(128, np.uint8))

    def mark() -> tuple[Value, Value]:
        size = largest(b, x)
        given = b.op("QuantizeLinear", b.op("Div", x, size), step, middle)
        return b.op("DequantizeLinear", given, step, middle), size

    given, size = b.shared(f"marked {x}", mark)
    weight = b.op("DequantizeLinear", levels, scale, axis=0)
    scaled = b.op("Mul", b.op("Gemm", given, weight, transB=1), size)
    return str(b.op("Add", scaled, *b.bias(names)) if b.bias(names) else scaled)
