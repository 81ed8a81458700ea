"""Gemma 2 (Gemma Team 2024, arXiv 2408.00118): windows in every other layer, softly capped scores."""

from dataclasses import replace

from vectord.core import Arch, Causal, SandwichNorm

from ..config import Config
from .decoder import NAMES, PREFIXES, behind, last_token, layer_count
from .family import Family
from .gemma import attention, layer, network, refuse_both_ways
from .kinds import LOCAL, layer_kinds

SANDWICH_NAMES = {
    **NAMES,
    "layers.{i}.attention_norm_after": "layers.{i}.post_attention_layernorm",
    "layers.{i}.mlp_norm": "layers.{i}.pre_feedforward_layernorm",
    "layers.{i}.mlp_norm_after": "layers.{i}.post_feedforward_layernorm",
}


def arch(config: Config) -> Arch:
    """Read a Gemma 2 config.json."""
    refuse_both_ways(config)
    kinds = layer_kinds(config, layer_count(config), lambda index: index % 2 == 0)
    window = behind(config.size("sliding_window"), config) if LOCAL in kinds else Causal()
    scale = config.number("query_pre_attn_scalar", 256) ** -0.5
    common = replace(attention(config), scale=scale, softcap=softcap(config))
    act = config.activation("hidden_activation", "gelu_pytorch_tanh")
    own = [replace(common, mask=window if kind == LOCAL else Causal()) for kind in kinds]
    return network(config, [layer(config, one, act, SandwichNorm()) for one in own])


def softcap(config: Config) -> float | None:
    """Read what the scores are capped at: 50 where nothing is said, not at all where it is null."""
    key = "attn_logit_softcapping"
    return config.number(key, 50.0) if config.has(key) or key not in config.values else None


FAMILY = Family(
    name="gemma2",
    model_type="gemma2",
    arch=arch,
    classifier=last_token,
    prefixes=PREFIXES,
    names=SANDWICH_NAMES,
    examples=("BAAI/bge-multilingual-gemma2",),
)
