"""What decoders used as encoders share: grouped heads, rotary positions, gated MLP, RMSNorm before."""

from collections.abc import Iterable
from dataclasses import replace

from vectord.core import (
    Arch,
    Attention,
    Causal,
    Dense,
    Embedding,
    Full,
    Gated,
    Head,
    Layer,
    Mask,
    PreNorm,
    RMSNorm,
    Window,
)

from ..config import Config
from .kinds import LOCAL, layer_kinds
from .labels import label_count
from .rope import rotary


def decoder(config: Config, attention: Attention, masks: Iterable[Mask], mlp_bias: bool = False) -> Arch:
    """Read the network; its layers differ in whom a token sees, `masks`, if in anything."""
    norm = rms_norm(config)
    layer = Layer(
        attention=attention,
        mlp=Gated(
            config.size("intermediate_size"), config.activation("hidden_act", "silu"), mlp_bias, mlp_bias
        ),
        wiring=PreNorm(),
        attention_norm=norm,
        mlp_norm=norm,
    )
    return Arch(
        hidden_size=config.size("hidden_size"),
        embedding=Embedding(config.size("vocab_size")),
        layers=tuple(replace(layer, attention=replace(attention, mask=mask)) for mask in masks),
        final_norm=norm,
        max_positions=max_positions(config),
    )


def grouped(
    config: Config,
    theta: float,
    *,
    head_size: int | None = None,
    bias: bool = False,
    out_bias: bool = False,
    qk_norm: RMSNorm | None = None,
) -> Attention:
    """Read the attention, all but its mask; `theta` and `head_size` stand in for what is left out."""
    heads = config.size("num_attention_heads")
    shared = config.size("num_key_value_heads", heads)
    if heads % shared:
        raise config.wrong("num_key_value_heads", f"a divisor of num_attention_heads {heads}", shared)
    size = config.size("head_dim", head_size or config.size("hidden_size") // heads or 1)
    if size % 2:
        raise config.wrong("head_dim", "even", size)
    position = rotary(config, "rope_theta", theta)
    return Attention(heads, shared, size, bias, out_bias, Full(), qk_norm, position)


def rms_norm(config: Config) -> RMSNorm:
    """Read the norm that all of them use throughout."""
    return RMSNorm(config.number("rms_norm_eps", 1e-6))


def layer_count(config: Config) -> int:
    """Read how many layers there are."""
    return config.size("num_hidden_layers", most=1000)


def max_positions(config: Config) -> int:
    """Read how long an input may be."""
    return config.size("max_position_embeddings", 32768)


def direction(config: Config) -> Mask:
    """Read whether a token sees what comes after it, as transformers 5 does."""
    return Causal() if config.switch("is_causal", True) else Full()


def behind(seen: int, config: Config) -> Mask:
    """Return the mask of a token that sees `seen` tokens, itself the last of them."""
    return Causal() if seen >= max_positions(config) else Window(before=seen - 1, after=0)


def alternating(config: Config, mask: Mask) -> list[Mask]:
    """Read which layers of Qwen2 and Qwen3 see a window only; `mask` is that of the others."""
    seen = config.size("sliding_window") if config.switch("use_sliding_window", False) else None
    first = config.size("max_window_layers", 28, least=0)
    kinds = layer_kinds(config, layer_count(config), lambda index: seen is not None and index >= first)
    if seen is None:
        if LOCAL in kinds:
            raise config.wrong("use_sliding_window", f"true, as layer_types has {LOCAL}", False)
        return [mask for _ in kinds]
    local = behind(seen, config) if mask == Causal() else Window(seen, seen)
    return [local if kind == LOCAL else mask for kind in kinds]


def last_token(config: Config) -> Head:
    """Read the head of *ForSequenceClassification: scores of the last token that is not the one for padding.

    So transformers finds the end of a padded text; an end token of the same id, which some tokenizers
    append, is passed over too.
    """
    scores = Dense(
        "head.score", config.size("hidden_size"), label_count(config), bias=False, activation="identity"
    )
    padding = config.size("pad_token_id", least=0) if config.has("pad_token_id") else None
    return Head("logits", "last-token", (scores,), skipped=padding)


PREFIXES = ("", "model.")
NAMES: dict[str, str | tuple[str, ...]] = {
    "embedding.word": "embed_tokens",
    "layers.{i}.attention_norm": "layers.{i}.input_layernorm",
    "layers.{i}.query": "layers.{i}.self_attn.q_proj",
    "layers.{i}.key": "layers.{i}.self_attn.k_proj",
    "layers.{i}.value": "layers.{i}.self_attn.v_proj",
    "layers.{i}.out": "layers.{i}.self_attn.o_proj",
    "layers.{i}.mlp_norm": "layers.{i}.post_attention_layernorm",
    "layers.{i}.gate": "layers.{i}.mlp.gate_proj",
    "layers.{i}.up": "layers.{i}.mlp.up_proj",
    "layers.{i}.down": "layers.{i}.mlp.down_proj",
    "final_norm": "norm",
    "head.score": "score",
    "head.vocabulary": ("lm_head", "embed_tokens"),
}
