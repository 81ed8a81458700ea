"""Qwen3 (Yang et al. 2025, arXiv 2505.09388): causal, grouped heads, normed queries and keys, RMSNorm."""

from vectord.core import Arch, Attention, Causal, Embedding, Gated, Layer, PreNorm, RMSNorm

from ..config import Config
from .family import Family
from .rope import rotary


def arch(config: Config) -> Arch:
    """Read a Qwen3 config.json."""
    config.refuse("use_sliding_window", False)
    config.refuse("is_causal", True)
    norm = RMSNorm(config.number("rms_norm_eps", 1e-6))
    layer = Layer(
        attention=attention(config, norm),
        mlp=Gated(config.size("intermediate_size"), config.activation("hidden_act", "silu"), bias=False),
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


def attention(config: Config, norm: RMSNorm) -> Attention:
    """Read the attention of every layer."""
    heads = config.size("num_attention_heads")
    shared = config.size("num_key_value_heads", heads)
    if heads % shared:
        raise config.wrong("num_key_value_heads", f"a divisor of num_attention_heads {heads}", shared)
    size = config.size("head_dim", 128)
    if size % 2:
        raise config.wrong("head_dim", "even", size)
    bias = config.switch("attention_bias", False)
    return Attention(
        heads=heads,
        kv_heads=shared,
        head_size=size,
        bias=bias,
        out_bias=bias,
        mask=Causal(),
        qk_norm=norm,
        position=rotary(config, "rope_theta", 1_000_000.0),
    )


FAMILY = Family(
    name="qwen3",
    model_type="qwen3",
    arch=arch,
    prefixes=("", "model."),
    names={
        "embedding.word": "embed_tokens",
        "layers.{i}.attention_norm": "layers.{i}.input_layernorm",
        "layers.{i}.query": "layers.{i}.self_attn.q_proj",
        "layers.{i}.key": "layers.{i}.self_attn.k_proj",
        "layers.{i}.value": "layers.{i}.self_attn.v_proj",
        "layers.{i}.query_norm": "layers.{i}.self_attn.q_norm",
        "layers.{i}.key_norm": "layers.{i}.self_attn.k_norm",
        "layers.{i}.out": "layers.{i}.self_attn.o_proj",
        "layers.{i}.mlp_norm": "layers.{i}.post_attention_layernorm",
        "layers.{i}.gate": "layers.{i}.mlp.gate_proj",
        "layers.{i}.up": "layers.{i}.mlp.up_proj",
        "layers.{i}.down": "layers.{i}.mlp.down_proj",
        "final_norm": "norm",
    },
    examples=("Qwen/Qwen3-Embedding-0.6B",),
)
