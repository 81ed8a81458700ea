"""DistilBERT (Sanh et al. 2019, arXiv 1910.01108): BERT without token types, under other names."""

from vectord.core import (
    Arch,
    Attention,
    Dense,
    Embedding,
    Full,
    Head,
    Layer,
    LayerNorm,
    Learned,
    Plain,
    PostNorm,
)

from ..config import Config
from .bert import splade
from .family import Family
from .labels import label_count

NORM = LayerNorm(1e-12)


def arch(config: Config) -> Arch:
    """Read a DistilBERT config.json."""
    size, heads = config.size("dim", 768), config.size("n_heads", 12)
    if size % heads:
        raise config.wrong("n_heads", f"a divisor of dim {size}", heads)
    # sinusoidal tables are stored like learned ones
    positions = config.size("max_position_embeddings", 512)
    layer = Layer(
        attention=Attention(heads, heads, size // heads, bias=True, out_bias=True, mask=Full()),
        mlp=Plain(config.size("hidden_dim", 3072), config.activation("activation", "gelu"), bias=True),
        wiring=PostNorm(),
        attention_norm=NORM,
        mlp_norm=NORM,
    )
    return Arch(
        hidden_size=size,
        embedding=Embedding(config.size("vocab_size"), Learned(positions), norm=NORM),
        layers=(layer,) * config.size("n_layers", 6, most=1000),
        final_norm=None,
        max_positions=positions,
    )


def classifier(config: Config) -> Head:
    """Read the head of DistilBertForSequenceClassification: two dense layers on the first token."""
    size = config.size("dim", 768)
    dense = Dense("head.dense", size, size, bias=True, activation="relu")
    scores = Dense("head.classifier", size, label_count(config), bias=True, activation="identity")
    return Head("logits", "cls", (dense, scores))


def token_classifier(config: Config) -> Head:
    """Read the head of DistilBertForTokenClassification: scores of every token's state."""
    scores = Dense("head.labels", config.size("dim", 768), label_count(config), True, "identity")
    return Head("token_logits", None, token_dense=(scores,))


def masked_lm(config: Config) -> Head:
    """Read the head of DistilBertForMaskedLM."""
    return splade(config, config.size("dim", 768), config.activation("activation", "gelu"), NORM)


FAMILY = Family(
    name="distilbert",
    model_type="distilbert",
    arch=arch,
    classifier=classifier,
    token_classifier=token_classifier,
    masked_lm=masked_lm,
    prefixes=("", "distilbert."),
    names={
        "embedding.word": "embeddings.word_embeddings",
        "embedding.position": "embeddings.position_embeddings",
        "embedding.norm": "embeddings.LayerNorm",
        "layers.{i}.query": "transformer.layer.{i}.attention.q_lin",
        "layers.{i}.key": "transformer.layer.{i}.attention.k_lin",
        "layers.{i}.value": "transformer.layer.{i}.attention.v_lin",
        "layers.{i}.out": "transformer.layer.{i}.attention.out_lin",
        "layers.{i}.attention_norm": "transformer.layer.{i}.sa_layer_norm",
        "layers.{i}.up": "transformer.layer.{i}.ffn.lin1",
        "layers.{i}.down": "transformer.layer.{i}.ffn.lin2",
        "layers.{i}.mlp_norm": "transformer.layer.{i}.output_layer_norm",
        "head.dense": "pre_classifier",
        "head.classifier": "classifier",
        "head.labels": "classifier",
        "head.transform": "vocab_transform",
        "head.transform_norm": "vocab_layer_norm",
        "head.vocabulary": ("vocab_projector", "embeddings.word_embeddings"),
    },
    examples=("sentence-transformers/msmarco-distilbert-base-v4",),
)
