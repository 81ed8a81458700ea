"""Linear maps, norms, activations and MLPs: one function for each variant of the `Arch`."""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from vectord.core import Activation, Experts, Gated, LayerNorm, Mlp, Norm, Plain, RMSNorm

from .experts import experts
from .packed import Packed
from .weights import Weights

Step = Callable[[torch.Tensor], torch.Tensor]
Mixer = Callable[[torch.Tensor, Packed], torch.Tensor]


def identity(x: torch.Tensor) -> torch.Tensor:
    """Return what came."""
    return x


def linear(weights: Weights, *names: str, bias: bool) -> Step:
    """Several maps of the same input as one product, their outputs side by side."""
    weight = weights.rows(*(f"{name}.weight" for name in names))
    shift = weights.rows(*(f"{name}.bias" for name in names)) if bias else None
    return lambda x: F.linear(x.to(weight.dtype), weight, shift)


def product(weights: Weights, site: str, *names: str, bias: bool) -> Mixer:
    """Several maps of the same input as one product, with what each token's adapter adds at `site`.

    The narrow products of all adapters are computed, and all but the token's own are masked.
    """
    plain = linear(weights, *names, bias=bias)
    if not weights.has(f"{site}.lora_a"):
        return lambda x, _: plain(x)
    down = weights.rows(f"{site}.lora_a").flatten(0, 1)
    up = weights.rows(f"{site}.lora_b").transpose(1, 2).flatten(0, 1)
    return lambda x, packed: plain(x) + (F.linear(x.to(down.dtype), down) * packed.own) @ up


def norm(spec: Norm | None, weights: Weights, name: str) -> Step:
    """A norm over the last axis, computed and returned in float32."""
    match spec:
        case None:
            return identity
        case LayerNorm(eps, bias):
            return _layer_norm(
                weights.exact(f"{name}.weight"), weights.exact(f"{name}.bias") if bias else None, eps
            )
        case RMSNorm(eps, unit_offset):
            return _rms_norm(weights.exact(f"{name}.weight") + float(unit_offset), eps)


def _layer_norm(weight: torch.Tensor, bias: torch.Tensor | None, eps: float) -> Step:
    return lambda x: F.layer_norm(x.float(), weight.shape, weight, bias, eps)


def _rms_norm(weight: torch.Tensor, eps: float) -> Step:
    return lambda x: F.rms_norm(x.float(), weight.shape, weight, eps)


def activation(name: Activation) -> Step:
    """Return the function of that name."""
    match name:
        case "identity":
            return identity
        case "gelu":
            return F.gelu
        case "gelu_tanh":
            return lambda x: F.gelu(x, approximate="tanh")
        case "relu":
            return F.relu
        case "silu":
            return F.silu
        case "tanh":
            return lambda x: torch.tanh(x)
        case "log1p_relu":
            return lambda x: torch.log1p(F.relu(x))


def mlp(spec: Mlp, weights: Weights) -> Mixer:
    """The feed-forward sublayer."""
    match spec:
        case Plain():
            return _plain(spec, weights)
        case Gated():
            return _gated(spec, weights)
        case Experts():
            step = experts(spec, weights, activation(spec.activation))
            return lambda x, _: step(x)


def _plain(spec: Plain, weights: Weights) -> Mixer:
    up = product(weights, "up", "up", bias=spec.bias)
    down = product(weights, "down", "down", bias=spec.bias)
    act = activation(spec.activation)
    return lambda x, packed: down(act(up(x, packed)), packed)


def _gated(spec: Gated, weights: Weights) -> Mixer:
    both = linear(weights, "gate", "up", bias=spec.bias)
    down = linear(weights, "down", bias=spec.out_bias)
    act = activation(spec.activation)

    def run(x: torch.Tensor, _: Packed) -> torch.Tensor:
        gate, up = both(x).chunk(2, dim=-1)
        return down(act(gate) * up)

    return run
