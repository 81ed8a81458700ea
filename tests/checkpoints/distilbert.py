"""DistilBERT as published: no token types, sizes under keys of its own."""

from dataclasses import replace
from functools import partial

from . import bert
from .recipe import Embedder, Json, Recipe, Size, Vocabulary


def vocabulary() -> Vocabulary:
    """Return BERT's vocabulary; the network takes no token types."""
    words = bert.vocabulary()
    inputs = {"model_input_names": ["input_ids", "attention_mask"]}
    return replace(words, config={**words.config, **inputs, "tokenizer_class": "DistilBertTokenizer"})


def config(words: Vocabulary, size: Size, labels: tuple[str, ...] = ()) -> Json:
    """Return config.json; `labels` are those of a classifier."""
    out: Json = {
        "model_type": "distilbert",
        "activation": "gelu",
        "attention_dropout": 0.1,
        "dim": size.hidden,
        "dropout": 0.1,
        "hidden_dim": size.inner,
        "initializer_range": 0.02,
        "max_position_embeddings": 512,
        "n_heads": size.heads,
        "n_layers": size.layers,
        "pad_token_id": words.id("pad_token"),
        "sinusoidal_pos_embds": False,
        "tie_weights_": True,
        "transformers_version": "4.10.0",
        "vocab_size": words.size,
    }
    if labels:
        out["id2label"] = {str(index): label for index, label in enumerate(labels)}
        out["label2id"] = {label: index for index, label in enumerate(labels)}
    return out


EMBED = Recipe("DistilBertModel", vocabulary, config, bert.SIZES, Embedder("cls_token", max_length=512))
CLASSIFY = Recipe(
    "DistilBertForSequenceClassification",
    vocabulary,
    partial(config, labels=("NEGATIVE", "POSITIVE")),
    bert.SIZES,
)
