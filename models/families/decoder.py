"""What decoders used as encoders share: grouped heads, rotary positions, gated MLP, RMSNorm before."""

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
)

from ..config import Config
from .labels import label_count
from .rope import rotary


def decoder(config: Config, attention: Attention, mlp_bias: bool = False) -> Arch:
    """Read the network; every layer is alike."""
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
        layers=(layer,) * config.size("num_hidden_layers", most=1000),
        final_norm=norm,
        max_positions=config.size("max_position_embeddings", 32768),
    )


def grouped(
    config: Config,
    mask: Mask,
    theta: float,
    *,
    head_size: int | None = None,
    bias: bool = False,
    out_bias: bool = False,
    qk_norm: RMSNorm | None = None,
) -> Attention:
    """Read the attention; `theta` and `head_size` stand in for what the config leaves out."""
    heads = config.size("num_attention_heads")
    shared = config.size("num_key_value_heads", heads)
    if heads % shared:
        raise config.wrong("num_key_value_heads", f"a divisor of num_attention_heads {heads}", shared)
    size = config.size("head_dim", head_size or config.size("hidden_size") // heads or 1)
    if size % 2:
        raise config.wrong("head_dim", "even", size)
    position = rotary(config, "rope_theta", theta)
    return Attention(heads, shared, size, bias, out_bias, mask, qk_norm, position)


def rms_norm(config: Config) -> RMSNorm:
    """Read the norm that all of them use throughout."""
    return RMSNorm(config.number("rms_norm_eps", 1e-6))


def direction(config: Config) -> Mask:
    """Read whether a token sees what comes after it, as transformers 5 does."""
    return Causal() if config.switch("is_causal", True) else Full()


def last_token(config: Config) -> Head:
    """Read the head of *ForSequenceClassification: scores of the last token."""
    scores = Dense(
        "head.score", config.size("hidden_size"), label_count(config), bias=False, activation="identity"
    )
    return Head("logits", "last-token", (scores,))


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
