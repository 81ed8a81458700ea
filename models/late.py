"""ColBERT checkpoints: how they mark, fill and skip tokens, in each form in which they are published.

Stanford's say it in artifact.metadata, PyLate's in config_sentence_transformers.json, and those of
sentence-transformers' MultiVectorEncoder in the settings of its modules.
"""

import string
from pathlib import Path
from typing import Any

from vectord.core import Dense, Head, LateInteraction, StoredTensor
from vectord.errors import CheckpointError

from .checkpoint import Checkpoint
from .config import Config
from .sentence import SETTINGS, model_kind
from .vocabulary import Vocabulary

STANFORD = "HF_ColBERT"
METADATA = "artifact.metadata"
PYLATE, MULTI_VECTOR = "ColBERT", "MultiVectorEncoder"
QUERY_LENGTH = 32  # ColBERT's own, where nothing else is said
LINEAR = "linear.weight"


def is_late(c: Checkpoint) -> bool:
    """Whether the checkpoint is a ColBERT model."""
    if STANFORD in c.config.words("architectures"):
        return True
    return c.modules is not None and model_kind(c.path) in (PYLATE, MULTI_VECTOR)


def late_head(c: Checkpoint) -> Head:
    """Return the head: every token's state through the projection."""
    if c.modules is not None:
        return Head("vectors", None, token_dense=c.modules.dense)
    projection = c.stored.get(LINEAR)
    if projection is None or len(projection.shape) != 2:
        raise CheckpointError(f"{c.path} has no tensor {LINEAR}, which a ColBERT model needs: fetch it again")
    sizes = c.network.hidden_size, projection.shape[0]
    return Head("vectors", None, token_dense=(Dense("head.projection", *sizes, False, "identity"),))


def late_tensors(c: Checkpoint) -> dict[str, StoredTensor]:
    """Return the projection's parameters, under our names."""
    return {} if c.modules is not None else {"head.projection.weight": c.stored[LINEAR]}


def late_interaction(c: Checkpoint) -> LateInteraction:
    """Return how queries and documents are told apart."""
    vocabulary = Vocabulary(c.path)
    if c.modules is None:
        return stanford(c.path, vocabulary)
    settings = Config.read(c.path / SETTINGS)
    if model_kind(c.path) == PYLATE:
        return pylate(settings, vocabulary)
    return multi_vector(c, vocabulary)


def stanford(path: Path, vocabulary: Vocabulary) -> LateInteraction:
    """Read artifact.metadata; ColBERT's defaults where it is absent."""
    config = Config.read(path / METADATA) if (path / METADATA).exists() else Config({}, path / METADATA)
    return LateInteraction(
        query_marker=marker(config, "query_token_id", "[unused0]", vocabulary),
        document_marker=marker(config, "doc_token_id", "[unused1]", vocabulary),
        query_length=config.size("query_maxlen", QUERY_LENGTH),
        document_length=config.size("doc_maxlen") if config.has("doc_maxlen") else None,
        fill_id=fill_id(vocabulary, config),
        fill_seen=config.switch("attend_to_mask_tokens", False),
        skipped=vocabulary.ids(list(string.punctuation) if config.switch("mask_punctuation", True) else []),
    )


def pylate(config: Config, vocabulary: Vocabulary) -> LateInteraction:
    """Read what PyLate saves."""
    words = config.words("skiplist_words") if config.has("skiplist_words") else list(string.punctuation)
    expands = config.switch("do_query_expansion", True)
    return LateInteraction(
        query_marker=marker(config, "query_prefix", "[Q] ", vocabulary),
        document_marker=marker(config, "document_prefix", "[D] ", vocabulary),
        query_length=config.size("query_length", QUERY_LENGTH) if expands else 0,
        document_length=config.size("document_length") if config.has("document_length") else None,
        fill_id=fill_id(vocabulary, config),
        fill_seen=config.switch("attend_to_expansion_tokens", False),
        skipped=vocabulary.ids(words),
    )


def multi_vector(c: Checkpoint, vocabulary: Vocabulary) -> LateInteraction:
    """Read the settings of MultiVectorEncoder's modules; its markers are ordinary prompts."""
    assert c.modules is not None
    config = Config.read(c.path / "sentence_bert_config.json")
    expansion = config.section("query_expansion")
    if config.has("query_expansion"):
        expansion.refuse("strategy", "fixed")
        expansion.refuse("token")
    skipped: frozenset[int] = frozenset()
    for folder in c.modules.folders["MultiVectorMask"]:
        mask = Config.read(folder / "config.json")
        mask.refuse("skiplist_tasks", ["document"])
        mask.refuse("keep_only_token_ids", [])
        skipped = vocabulary.ids(mask.words("skiplist_words"))
    return LateInteraction(
        query_length=expansion.size("length", QUERY_LENGTH) if config.has("query_expansion") else 0,
        document_length=config.size("document_length") if config.has("document_length") else None,
        fill_id=fill_id(vocabulary, config) if config.has("query_expansion") else 0,
        fill_seen=expansion.switch("attend", False),
        skipped=skipped,
    )


def marker(config: Config, key: str, default: str, vocabulary: Vocabulary) -> int:
    """Return the id of a marker: the token as written, or its first word."""
    text = config.word(key, default)
    for word in (text, *text.split()[:1]):
        found = vocabulary.id(word)
        if found is not None:
            return found
    raise config.wrong(key, "a token of the vocabulary", text)


def fill_id(vocabulary: Vocabulary, config: Config) -> int:
    """Return what queries are filled with: the mask token, or the end token where there is none."""
    for role in ("mask_token", "eos_token"):
        found: Any = vocabulary.special(role)
        if found is not None:
            return int(found)
    raise CheckpointError(f"{config.path.parent}: the tokenizer has neither a mask token nor an end token")
