"""Norms over the last axis."""

from vectord.core import LayerNorm, Norm, RMSNorm

from .builder import Builder, Value


def emit_norm(b: Builder, x: Value, norm: Norm | None, name: str) -> Value:
    """Return the normed states."""
    match norm:
        case None:
            return x
        case LayerNorm(eps, bias):
            shift = [b.weight(f"{name}.bias")] if bias else []
            return str(
                b.op("LayerNormalization", x, b.weight(f"{name}.weight"), *shift, axis=-1, epsilon=eps)
            )
        case RMSNorm(eps, unit_offset):
            mean = b.op("ReduceMean", b.op("Mul", x, x), b.ints(-1), keepdims=1)
            size = b.op("Sqrt", b.op("Add", mean, b.scalar(eps)))
            weight = b.weight(f"{name}.weight")
            scale = b.op("Add", weight, b.scalar(1.0)) if unit_offset else weight
            return str(b.op("Mul", b.op("Div", x, size), scale))
