"""Alibaba's GTE encoders (Zhang et al. 2024, arXiv 2407.19669): BERT with rotary positions and gates."""

from vectord.core import (
    Arch,
    Attention,
    Embedding,
    Full,
    Gated,
    Layer,
    LayerNorm,
    Ntk,
    PostNorm,
    Rotary,
)

from ..config import Config
from .bert import classifier
from .family import Family, Rows
from .rope import rotary


def arch(config: Config) -> Arch:
    """Read a GTE config.json, the published kind or transformers' own."""
    refuse_variants(config)
    norm = LayerNorm(config.number("layer_norm_eps", 1e-12))
    act = config.activation("hidden_act", "gelu")
    layer = Layer(
        attention=attention(config),
        mlp=Gated(config.size("intermediate_size"), act, bias=False, out_bias=True),
        wiring=PostNorm(),
        attention_norm=norm,
        mlp_norm=norm,
    )
    types = config.size("type_vocab_size", 1, least=0)
    return Arch(
        hidden_size=config.size("hidden_size"),
        embedding=Embedding(config.size("vocab_size"), token_types=types, norm=norm),
        layers=(layer,) * config.size("num_hidden_layers", most=1000),
        final_norm=None,
        max_positions=config.size("max_position_embeddings"),
    )


def attention(config: Config) -> Attention:
    """Read the attention of every layer."""
    size, heads = config.size("hidden_size"), config.size("num_attention_heads")
    if size % heads or size // heads % 2:
        raise config.wrong("num_attention_heads", f"such that hidden_size {size} gives even heads", heads)
    return Attention(
        heads, heads, size // heads, bias=True, out_bias=True, mask=Full(), position=position(config)
    )


def position(config: Config) -> Rotary:
    """Read the rotation; its stretch is of GTE's own kind."""
    scaling = config.section("rope_scaling")
    if scaling.values.get("type") != "ntk":
        return rotary(config, "rope_theta", 10_000.0)
    scaling.refuse("mixed_b")
    factor = scaling.number("factor")
    if factor < 1:
        raise scaling.wrong("factor", "at least 1", factor)
    return Rotary(config.number("rope_theta"), Ntk(factor))


def refuse_variants(config: Config) -> None:
    """Refuse what the published code could do and these models do not."""
    config.refuse("position_embedding_type", "rope")
    config.refuse("layer_norm_type", "layer_norm")
    config.refuse("logn_attention_scale", False)
    config.refuse("pack_qkv", True)
    config.refuse("head_dim", config.size("hidden_size") // config.size("num_attention_heads"))


def family(model_type: str, *examples: str) -> Family:
    """Declare it under one of its names: in either, some repositories say the published kind of config."""
    return Family(
        name=model_type,
        model_type=model_type,
        arch=arch,
        classifier=classifier,
        prefixes=("", "new.", "gte.", "new.gte."),
        names={
            "embedding.word": "embeddings.word_embeddings",
            "embedding.token_type": "embeddings.token_type_embeddings",
            "embedding.norm": "embeddings.LayerNorm",
            "layers.{i}.query": Rows("encoder.layer.{i}.attention.qkv_proj", 0, 3),
            "layers.{i}.key": Rows("encoder.layer.{i}.attention.qkv_proj", 1, 3),
            "layers.{i}.value": Rows("encoder.layer.{i}.attention.qkv_proj", 2, 3),
            "layers.{i}.out": "encoder.layer.{i}.attention.o_proj",
            "layers.{i}.attention_norm": "encoder.layer.{i}.attn_ln",
            "layers.{i}.up": Rows("encoder.layer.{i}.mlp.up_gate_proj", 0, 2),
            "layers.{i}.gate": Rows("encoder.layer.{i}.mlp.up_gate_proj", 1, 2),
            "layers.{i}.down": "encoder.layer.{i}.mlp.down_proj",
            "layers.{i}.mlp_norm": "encoder.layer.{i}.mlp_ln",
            "head.pooler": "pooler.dense",
            "head.classifier": "classifier",
        },
        examples=examples,
    )


NEW = family(
    "new",
    "Alibaba-NLP/gte-large-en-v1.5",
    "Alibaba-NLP/gte-multilingual-base",
    "Alibaba-NLP/gte-multilingual-reranker-base",
)
GTE = family("gte", "Snowflake/snowflake-arctic-embed-m-v2.0")
