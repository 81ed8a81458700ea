"""The multi-layer perceptron of a block, and activations."""

from typing import assert_never

from vectord.core import Activation, Experts, Gated, Mlp, Plain

from .builder import Builder, Value


def emit_mlp(b: Builder, x: Value, mlp: Mlp, name: str) -> Value:
    """Return the MLP's output for x (tokens, hidden)."""
    match mlp:
        case Plain():
            inner = emit_activation(b, b.linear(x, f"{name}.up"), mlp.activation)
            return b.linear(inner, f"{name}.down")
        case Gated():
            gate = emit_activation(b, b.linear(x, f"{name}.gate"), mlp.activation)
            inner = b.op("Mul", gate, b.linear(x, f"{name}.up"))
            return b.linear(inner, f"{name}.down")
        case Experts():
            return emit_experts(b, x, mlp, name)
        case _:
            assert_never(mlp)


def emit_experts(b: Builder, x: Value, mlp: Experts, name: str) -> Value:
    """Return the weighted sum of the experts as two products over all of them, with shares of zero.

    No shape depends on the routing, which a runtime would have to plan for anew in every batch.
    """
    inner = emit_activation(
        b, b.op("Gemm", x, b.weight(f"{name}.experts_up.weight"), transB=1), mlp.activation
    )
    apart = b.op("Reshape", inner, b.ints(-1, mlp.count, mlp.inner_size))
    shares = b.op("Unsqueeze", emit_shares(b, x, mlp, name), b.ints(2))
    joined = b.op("Reshape", b.op("Mul", apart, shares), b.ints(-1, mlp.count * mlp.inner_size))
    return str(
        b.op("Gemm", joined, b.weight(f"{name}.experts_down.weight"), b.weight(f"{name}.experts.bias"))
    )


def emit_shares(b: Builder, x: Value, mlp: Experts, name: str) -> Value:
    """Return each expert's share in each token, (tokens, count): zero but for the `top` likeliest."""
    chances = b.op("Softmax", b.exact(x, f"{name}.router"), axis=-1)
    largest, chosen = b.op("TopK", chances, b.ints(mlp.top), outputs=2, axis=-1)
    nothing = b.op("Mul", chances, b.scalar(0.0))
    return str(b.op("ScatterElements", nothing, chosen, largest, axis=-1))


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
