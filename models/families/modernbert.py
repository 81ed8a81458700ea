"""ModernBERT (Warner et al. 2024, arXiv 2412.13663): rotary, gated, norms before, local and global layers."""

from vectord.core import (
    Arch,
    Attention,
    Dense,
    Embedding,
    Full,
    Gated,
    Head,
    Layer,
    LayerNorm,
    Mask,
    Pooling,
    PreNorm,
    Window,
)

from ..config import Config
from .bert import splade
from .family import Family, Rows
from .kinds import LOCAL, layer_kinds
from .labels import label_count
from .rope import rotary


def arch(config: Config) -> Arch:
    """Read a ModernBERT config.json."""
    count, every = config.size("num_hidden_layers", most=1000), config.size("global_attn_every_n_layers", 3)
    kinds = layer_kinds(config, count, lambda index: index % every > 0)
    norm = norm_of(config)
    return Arch(
        hidden_size=config.size("hidden_size"),
        embedding=Embedding(config.size("vocab_size"), norm=norm),
        layers=tuple(layer(config, norm, index, kind) for index, kind in enumerate(kinds)),
        final_norm=norm,
        max_positions=config.size("max_position_embeddings", 8192),
    )


def norm_of(config: Config) -> LayerNorm:
    """Read the norm that is used throughout."""
    return LayerNorm(config.number("norm_eps", 1e-5), bias=config.switch("norm_bias", False))


def layer(config: Config, norm: LayerNorm, index: int, kind: str) -> Layer:
    """Read one layer; the first has no norm before its attention."""
    size, heads = config.size("hidden_size"), config.size("num_attention_heads")
    if size % heads or size // heads % 2:
        raise config.wrong("num_attention_heads", f"such that hidden_size {size} gives even heads", heads)
    bias, local = config.switch("attention_bias", False), kind == LOCAL
    mlp_bias = config.switch("mlp_bias", False)
    radius = config.size("local_attention", 128) // 2
    mask: Mask = Window(radius, radius) if local else Full()
    theta = ("local_rope_theta", 10_000.0) if local else ("global_rope_theta", 160_000.0)
    return Layer(
        attention=Attention(
            heads, heads, size // heads, bias, bias, mask, position=rotary(config, *theta, kind=kind)
        ),
        mlp=Gated(
            config.size("intermediate_size"),
            config.activation("hidden_activation", "gelu"),
            mlp_bias,
            mlp_bias,
        ),
        wiring=PreNorm(),
        attention_norm=norm if index else None,
        mlp_norm=norm,
    )


POOLINGS: dict[str, Pooling] = {"cls": "cls", "mean": "mean"}


def classifier(config: Config) -> Head:
    """Read the head of ModernBertForSequenceClassification: pooled, dense, norm, scores."""
    word = config.word("classifier_pooling", "cls")
    if word not in POOLINGS:
        raise config.wrong("classifier_pooling", f"one of {', '.join(POOLINGS)}", word)
    scores = Dense("head.classifier", config.size("hidden_size"), label_count(config), True, "identity")
    return Head("logits", POOLINGS[word], (head_dense(config), scores))


def head_dense(config: Config) -> Dense:
    """Read the layer that stands before every kind of scores."""
    size, bias = config.size("hidden_size"), config.switch("classifier_bias", False)
    act = config.activation("classifier_activation", "gelu")
    return Dense("head.dense", size, size, bias, act, norm_of(config))


def token_classifier(config: Config) -> Head:
    """Read the head of ModernBertForTokenClassification: dense, norm, scores of every token."""
    scores = Dense("head.classifier", config.size("hidden_size"), label_count(config), True, "identity")
    return Head("token_logits", None, token_dense=(head_dense(config), scores))


def masked_lm(config: Config) -> Head:
    """Read the head of ModernBertForMaskedLM."""
    config.refuse("decoder_bias", True)
    config.refuse("sparse_prediction", False)
    size, bias = config.size("hidden_size"), config.switch("classifier_bias", False)
    act = config.activation("classifier_activation", "gelu")
    return splade(config, size, act, norm_of(config), bias)


FAMILY = Family(
    name="modernbert",
    model_type="modernbert",
    arch=arch,
    classifier=classifier,
    token_classifier=token_classifier,
    masked_lm=masked_lm,
    prefixes=("", "model."),
    names={
        "embedding.word": "embeddings.tok_embeddings",
        "embedding.norm": "embeddings.norm",
        "layers.{i}.attention_norm": "layers.{i}.attn_norm",
        "layers.{i}.query": Rows("layers.{i}.attn.Wqkv", 0, 3),
        "layers.{i}.key": Rows("layers.{i}.attn.Wqkv", 1, 3),
        "layers.{i}.value": Rows("layers.{i}.attn.Wqkv", 2, 3),
        "layers.{i}.out": "layers.{i}.attn.Wo",
        "layers.{i}.mlp_norm": "layers.{i}.mlp_norm",
        "layers.{i}.gate": Rows("layers.{i}.mlp.Wi", 0, 2),
        "layers.{i}.up": Rows("layers.{i}.mlp.Wi", 1, 2),
        "layers.{i}.down": "layers.{i}.mlp.Wo",
        "final_norm": "final_norm",
        "head.dense": "head.dense",
        "head.dense_norm": "head.norm",
        "head.classifier": "classifier",
        "head.transform": "head.dense",
        "head.transform_norm": "head.norm",
        "head.vocabulary": ("decoder", "embeddings.tok_embeddings"),
    },
    examples=(
        "Alibaba-NLP/gte-modernbert-base",
        "Alibaba-NLP/gte-reranker-modernbert-base",
        "nomic-ai/modernbert-embed-base",
    ),
)
