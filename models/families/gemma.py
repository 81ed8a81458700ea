"""Gemma (Gemma Team 2024, arXiv 2403.08295): norms scale by 1 + weight; and what its successors share."""

from dataclasses import replace

from vectord.core import (
    Activation,
    Arch,
    Attention,
    Causal,
    Embedding,
    Gated,
    Layer,
    PreNorm,
    RMSNorm,
    Wiring,
)

from ..config import Config
from .decoder import NAMES, PREFIXES, grouped, last_token, layer_count, max_positions
from .family import Family


def arch(config: Config) -> Arch:
    """Read a Gemma config.json."""
    refuse_both_ways(config)
    own = replace(attention(config), mask=Causal())
    return network(config, [layer(config, own, activation(config), PreNorm())] * layer_count(config))


def activation(config: Config) -> Activation:
    """Read the activation: what the first configs call gelu has always been computed by tanh."""
    config.refuse("hidden_activation", "gelu_pytorch_tanh")
    found = config.activation("hidden_act", "gelu_pytorch_tanh")
    return "gelu_tanh" if found == "gelu" else found


def refuse_both_ways(config: Config) -> None:
    """Refuse masks that let a token see what comes after it, which these networks are not made for."""
    config.refuse("is_causal", True)
    config.refuse("use_bidirectional_attention", False)


def network(config: Config, layers: list[Layer]) -> Arch:
    """Put the layers between the embedding and the last norm."""
    size = config.size("hidden_size")
    return Arch(
        hidden_size=size,
        embedding=Embedding(config.size("vocab_size"), scale=size**0.5),
        layers=tuple(layers),
        final_norm=norm(config),
        max_positions=max_positions(config),
    )


def layer(config: Config, own: Attention, act: Activation, wiring: Wiring) -> Layer:
    """Return a layer around its attention."""
    mlp = Gated(config.size("intermediate_size"), act, bias=False, out_bias=False)
    return Layer(own, mlp, wiring, attention_norm=norm(config), mlp_norm=norm(config))


def attention(config: Config) -> Attention:
    """Read what the attention of all layers has in common."""
    bias = config.switch("attention_bias", False)
    return grouped(config, theta=10_000.0, head_size=256, bias=bias, out_bias=bias)


def norm(config: Config) -> RMSNorm:
    """Read the norm that is used throughout."""
    return RMSNorm(config.number("rms_norm_eps", 1e-6), unit_offset=True)


FAMILY = Family(
    name="gemma",
    model_type="gemma",
    arch=arch,
    classifier=last_token,
    prefixes=PREFIXES,
    names=NAMES,
    examples=("google/gemma-2b",),
)
