"""SPLADE as published: masked language models, some with their output layer left out, being the input's."""

from dataclasses import replace
from pathlib import Path

from safetensors.torch import load_file

from . import bert, distilbert, modernbert, roberta
from .layout import rename_tensors
from .recipe import Recipe, Size


def masked(recipe: Recipe, network: str) -> Recipe:
    """Return the masked language model of a family."""
    return replace(recipe, network=network, embedder=None, saver="SparseEncoder")


def untied(recipe: Recipe) -> Recipe:
    """Return a recipe whose output layer is its own."""
    made = recipe.config
    return replace(recipe, config=lambda words, size: {**made(words, size), "tie_word_embeddings": False})


def stored_twice(out: Path, size: Size) -> None:
    """Store the output layer as transformers did for years: tied weights twice, the bias beside them."""
    words = load_file(out / "model.safetensors")["bert.embeddings.word_embeddings.weight"]
    rename_tensors(out, lambda name: name, cls__predictions__decoder__weight=words.clone())


BERT = replace(masked(bert.EMBED, "BertForMaskedLM"), finish=stored_twice)
BERT_UNTIED = untied(masked(bert.EMBED, "BertForMaskedLM"))
ROBERTA = masked(roberta.EMBED, "RobertaForMaskedLM")
DISTILBERT = masked(distilbert.EMBED, "DistilBertForMaskedLM")
MODERNBERT = masked(modernbert.EMBED, "ModernBertForMaskedLM")
