"""Gemma 3, the text network (Gemma Team 2025, arXiv 2503.19786): local layers rotate at their own rate."""

from dataclasses import replace

from vectord.core import Arch, Attention, Causal, Full, Mask, SandwichNorm, Window

from ..config import Config
from .decoder import PREFIXES, behind, last_token, layer_count
from .family import Family
from .gemma import attention, layer, network, norm
from .gemma2 import SANDWICH_NAMES
from .kinds import LOCAL, layer_kinds
from .rope import rotary


def arch(config: Config) -> Arch:
    """Read a Gemma 3 text config.json."""
    config.refuse("is_causal", True)
    config.refuse("attn_logit_softcapping")
    every = config.size("sliding_window_pattern", 6)
    kinds = layer_kinds(config, layer_count(config), lambda index: (index + 1) % every > 0)
    act = config.activation("hidden_activation", "gelu_pytorch_tanh")
    return network(config, [layer(config, own(config, kind), act, SandwichNorm()) for kind in kinds])


def own(config: Config, kind: str) -> Attention:
    """Read the attention of one kind of layer; a stretch is for those that see all."""
    local = kind == LOCAL
    theta = ("rope_local_base_freq", 10_000.0) if local else ("rope_theta", 1_000_000.0)
    return replace(
        attention(config),
        mask=mask(config, local),
        qk_norm=norm(config),
        position=rotary(config, *theta, kind=kind, stretched=not local),
        scale=config.number("query_pre_attn_scalar", 256) ** -0.5,
    )


def mask(config: Config, local: bool) -> Mask:
    """Read whom a token sees: a window of `sliding_window` lies about it where it sees both ways."""
    both = config.switch("use_bidirectional_attention", False)
    if not local:
        return Full() if both else Causal()
    seen = config.size("sliding_window")
    return Window(seen // 2, seen // 2) if both else behind(seen, config)


FAMILY = Family(
    name="gemma3_text",
    model_type="gemma3_text",
    arch=arch,
    classifier=last_token,
    prefixes=PREFIXES,
    names={
        **SANDWICH_NAMES,
        "layers.{i}.query_norm": "layers.{i}.self_attn.q_norm",
        "layers.{i}.key_norm": "layers.{i}.self_attn.k_norm",
    },
    examples=("google/embeddinggemma-300m",),
)
