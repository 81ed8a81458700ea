"""The multi-layer perceptron of a block, and activations."""

from typing import assert_never

from vectord.core import Activation, Experts, Gated, Mlp, Plain

from .adapters import Adapting
from .builder import Builder, Value
from .experts import emit_experts


def emit_mlp(b: Builder, x: Value, mlp: Mlp, name: str, adapting: Adapting) -> Value:
    """Return the MLP's output for x (tokens, hidden)."""
    match mlp:
        case Plain():
            up = adapting.product(b.linear(x, f"{name}.up"), x, f"{name}.up")
            inner = emit_activation(b, up, mlp.activation)
            return adapting.product(b.linear(inner, f"{name}.down"), inner, f"{name}.down")
        case Gated():
            gate = emit_activation(b, b.linear(x, f"{name}.gate"), mlp.activation)
            inner = b.op("Mul", gate, b.linear(x, f"{name}.up"))
            return b.linear(inner, f"{name}.down")
        case Experts():
            return emit_experts(b, x, mlp, name, lambda inner: emit_activation(b, inner, mlp.activation))
        case _:
            assert_never(mlp)


def emit_activation(b: Builder, x: Value, activation: Activation) -> Value:
    """Return the activation of every element."""
    match activation:
        case "identity":
            return x
        case "gelu":
            return str(b.op("Gelu", x))
        case "gelu_tanh":
            return str(b.op("Gelu", x, approximate="tanh"))
        case "relu":
            return str(b.op("Relu", x))
        case "silu":
            return str(b.op("Mul", x, b.op("Sigmoid", x)))
        case "tanh":
            return str(b.op("Tanh", x))
        case "log1p_relu":
            return str(b.op("Log", b.op("Add", b.op("Relu", x), b.scalar(1.0))))
        case _:
            assert_never(activation)
