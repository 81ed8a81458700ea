"""jina-embeddings-v3 (Sturua et al. 2024, arXiv 2409.10173): XLM-RoBERTa with rotation and adapters."""

from vectord.core import (
    Adapters,
    Arch,
    Attention,
    Embedding,
    Full,
    Layer,
    LayerNorm,
    Plain,
    PostNorm,
)

from ..config import Config
from . import flash
from .family import Family
from .roberta import classifier
from .rope import rotary


def published(config: Config) -> Arch:
    """Read the config.json that repositories have, which says what adapters there are."""
    return network(config, 10_000.0, adapters(config))


def native(config: Config) -> Arch:
    """Read transformers' own, of a network without adapters."""
    return network(config, 20_000.0, None)


def network(config: Config, theta: float, found: Adapters | None) -> Arch:
    """Read what both have in common; `theta` stands in where nothing is said."""
    config.refuse("truncate_dim")
    size, heads = config.size("hidden_size"), config.size("num_attention_heads")
    if size % heads or size // heads % 2:
        raise config.wrong("num_attention_heads", f"such that hidden_size {size} gives even heads", heads)
    norm = LayerNorm(config.number("layer_norm_eps", 1e-5))
    position = rotary(config, "rotary_emb_base", theta)
    layer = Layer(
        attention=Attention(heads, heads, size // heads, True, True, Full(), position=position),
        mlp=Plain(config.size("intermediate_size"), config.activation("hidden_act", "gelu"), bias=True),
        wiring=PostNorm(),
        attention_norm=norm,
        mlp_norm=norm,
    )
    types = config.size("type_vocab_size", 1)
    return Arch(
        hidden_size=size,
        embedding=Embedding(config.size("vocab_size"), token_types=types, norm=norm),
        layers=(layer,) * config.size("num_hidden_layers", most=1000),
        final_norm=None,
        max_positions=config.size("max_position_embeddings"),
        adapters=found,
    )


def adapters(config: Config) -> Adapters | None:
    """Read the adapters, each with the text that is put before inputs for it."""
    names = config.words("lora_adaptations")
    if not names:
        return None
    texts = config.section("task_instructions").values
    if len(set(names)) < len(names) or any(not isinstance(texts.get(name), str) for name in names):
        raise config.wrong("task_instructions", "a text for each of lora_adaptations", texts)
    rank = config.size("lora_rank", 4)
    scale = config.number("lora_alpha", 1) / rank
    return Adapters(tuple(names), tuple(texts[name] for name in names), rank, scale)


NAMES = {**flash.NAMES, "head.dense": "classifier.dense", "head.classifier": "classifier.out_proj"}
PREFIXES = ("", "roberta.")
PUBLISHED = Family(
    name="jina-v3",
    model_type="xlm-roberta",
    arch=published,
    classifier=classifier,
    prefixes=PREFIXES,
    names=NAMES,
    examples=("jinaai/jina-embeddings-v3", "jinaai/jina-colbert-v2"),
    claims=lambda config: config.values.get("position_embedding_type") == "rotary",
)
NATIVE = Family(
    name="jina-v3",
    model_type="jina_embeddings_v3",
    arch=native,
    classifier=classifier,
    prefixes=PREFIXES,
    names=NAMES,
    examples=("jinaai/jina-embeddings-v3-hf",),
)
