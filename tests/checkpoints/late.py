"""ColBERT as Stanford's code publishes it (one linear layer beside BERT) and as PyLate does (modules)."""

import string
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from . import bert, modernbert
from .layout import drawn, rename_tensors, write_dense, write_json, write_module_list
from .recipe import Recipe, Size, Vocabulary

WIDTH = 24
STANFORD = {
    "attend_to_mask_tokens": False,
    "dim": WIDTH,
    "doc_maxlen": 180,
    "doc_token_id": "[unused1]",
    "mask_punctuation": True,
    "query_maxlen": 32,
    "query_token_id": "[unused0]",
    "similarity": "cosine",
}
PYLATE = {
    "model_type": "ColBERT",
    "query_prefix": "[Q] ",
    "document_prefix": "[D] ",
    "query_length": 32,
    "document_length": 300,
    "attend_to_expansion_tokens": False,
    "skiplist_words": list(string.punctuation),
    "do_query_expansion": True,
}


def stanford(out: Path, size: Size) -> None:
    """Put the projection beside the network's weights, and the settings into a file of their own."""
    rename_tensors(out, lambda name: f"bert.{name}", linear__weight=drawn(WIDTH, size.hidden))
    write_json(out / "artifact.metadata", STANFORD)


def pylate(out: Path, size: Size, **changes: Any) -> None:
    """Write PyLate's modules; sentence_bert_config.json has the length of whatever was encoded last."""
    write_module_list(
        out, {"": "sentence_transformers.models.Transformer", "1_Dense": "pylate.models.Dense.Dense"}
    )
    write_dense(out / "1_Dense", size.hidden, WIDTH)
    write_json(out / "sentence_bert_config.json", {"max_seq_length": 31, "do_lower_case": False})
    prompts: dict[str, Any] = {"prompts": {}, "default_prompt_name": None, "similarity_fn_name": "MaxSim"}
    write_json(out / "config_sentence_transformers.json", {**prompts, **PYLATE, **changes})


def marked(words: Vocabulary) -> Vocabulary:
    """Return a vocabulary to which PyLate has added its markers, as ordinary tokens."""
    words.tokenizer.add_tokens(["[Q] ", "[D] "])
    return words


def colbert(
    recipe: Recipe, vocabulary: Callable[[], Vocabulary], finish: Callable[[Path, Size], None]
) -> Recipe:
    """Return a ColBERT model on a family's network."""
    return replace(recipe, vocabulary=vocabulary, embedder=None, finish=finish, saver="MultiVectorEncoder")


STANFORD_BERT = replace(
    colbert(bert.EMBED, partial(bert.vocabulary, unused=("[unused0]", "[unused1]")), stanford),
    architecture="HF_ColBERT",
)
# its tokens see the fill of a query, and nothing is skipped
PYLATE_BERT = colbert(
    bert.EMBED,
    lambda: marked(bert.vocabulary()),
    partial(pylate, attend_to_expansion_tokens=True, skiplist_words=[]),
)
# the last of its fill stands farther from the text than its windows reach
PYLATE_MODERNBERT = colbert(
    modernbert.EMBED, lambda: marked(modernbert.vocabulary()), partial(pylate, query_length=48)
)
