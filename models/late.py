"""ColBERT checkpoints: how they mark, fill and skip tokens, in each form in which they are published.

Stanford's say it in artifact.metadata, PyLate's in config_sentence_transformers.json, and those of
sentence-transformers' MultiVectorEncoder in the settings of its modules.
"""

import string
from dataclasses import replace
from pathlib import Path

from vectord.core import Dense, Head, LateInteraction, StoredTensor
from vectord.errors import CheckpointError

from .checkpoint import Checkpoint
from .config import Config
from .limit import stated_limit
from .sentence import SETTINGS, model_kind, transformer_config
from .stored import METADATA
from .vocabulary import Vocabulary

STANFORD = "HF_ColBERT"
PYLATE, MULTI_VECTOR = "ColBERT", "MultiVectorEncoder"
PYLATE_ONLY = "query_prefix"  # before version 1.3 its files did not name a class
LINEAR = "linear.weight"
# markers where artifact.metadata names none, and whether the fill is attended to: jina-colbert's, ColBERT's
MARKERS = (("[QueryMarker]", "[DocumentMarker]", True), ("[unused0]", "[unused1]", False))
# what both libraries take where the files are silent
QUERY_LENGTH, DOCUMENT_LENGTH = 32, 180


def is_late(c: Checkpoint) -> bool:
    """Whether the checkpoint is a ColBERT model."""
    if c.modules is None:
        return STANFORD in c.config.words("architectures")
    return model_kind(c.path) == MULTI_VECTOR or is_pylate(c)


def is_pylate(c: Checkpoint) -> bool:
    """Whether PyLate saved the modules."""
    file = c.path / SETTINGS
    return file.exists() and (model_kind(c.path) == PYLATE or Config.read(file).has(PYLATE_ONLY))


def late_head(c: Checkpoint) -> Head:
    """Return the head: every token's state through the projection."""
    if c.modules is not None:
        return Head("vectors", None, token_dense=c.modules.dense)
    projection = c.stored.get(LINEAR)
    if projection is None or len(projection.shape) != 2:
        raise CheckpointError(f"{c.path} has no matrix {LINEAR}, which a ColBERT model needs: fetch it again")
    sizes = c.network.hidden_size, projection.shape[0]
    return Head("vectors", None, token_dense=(Dense("head.projection", *sizes, False, "identity"),))


def late_tensors(c: Checkpoint) -> dict[str, StoredTensor]:
    """Return the projection's parameters, under our names."""
    return {} if c.modules is not None else {"head.projection.weight": c.stored[LINEAR]}


def late_interaction(c: Checkpoint) -> LateInteraction:
    """Return how queries and documents are told apart."""
    if c.modules is None:
        return stanford(c)
    return pylate(c) if is_pylate(c) else multi_vector(c)


def stanford(c: Checkpoint) -> LateInteraction:
    """Read artifact.metadata; ColBERT's defaults where it is absent."""
    file, vocabulary = c.path / METADATA, c.vocabulary
    config = Config.read(file) if file.exists() else Config({}, file)
    length = query_length(c, config, "query_maxlen")
    query, document, seen = next((one for one in MARKERS if vocabulary.id(one[0]) is not None), MARKERS[0])
    return LateInteraction(
        query_marker=marker(config, "query_token_id", query, vocabulary),
        document_marker=marker(config, "doc_token_id", document, vocabulary),
        query_length=length,
        document_length=document_length(c, config, "doc_maxlen"),
        fill_length=length,
        fill_id=fill_id(vocabulary, config),
        fill_seen=config.switch("attend_to_mask_tokens", seen),
        skipped=vocabulary.ids(list(string.punctuation) if config.switch("mask_punctuation", True) else []),
    )


def pylate(c: Checkpoint) -> LateInteraction:
    """Read what PyLate saves."""
    config, vocabulary = Config.read(c.path / SETTINGS), c.vocabulary
    words = config.words("skiplist_words") if config.has("skiplist_words") else list(string.punctuation)
    length = query_length(c, config, "query_length")
    fills = config.switch("do_query_expansion", True)
    return LateInteraction(
        query_marker=marker(config, "query_prefix", "[Q] ", vocabulary),
        document_marker=marker(config, "document_prefix", "[D] ", vocabulary),
        query_length=length,
        document_length=document_length(c, config, "document_length"),
        fill_length=length if fills else 0,
        fill_id=fill_id(vocabulary, config) if fills else 0,
        fill_seen=config.switch("attend_to_expansion_tokens", False),
        skipped=vocabulary.ids(words),
    )


def multi_vector(c: Checkpoint) -> LateInteraction:
    """Read the settings of MultiVectorEncoder's modules; its markers are ordinary prompts."""
    assert c.modules is not None
    if not c.modules.normalize:
        raise CheckpointError(
            f"{c.path / 'modules.json'}: a {MULTI_VECTOR} without Normalize is not supported; "
            "such a model cannot be served"
        )
    config, vocabulary = transformer_config(c.path), c.vocabulary
    most = c.network.max_positions
    limit = stated_limit(c.path, most)
    late = LateInteraction(
        query_length=min(config.size("query_length", limit), most),
        document_length=min(config.size("document_length", limit), most),
        skipped=skipped(c.modules.folders["MultiVectorMask"], vocabulary),
    )
    return with_fill(late, c, config.section("query_expansion"), vocabulary)


def with_fill(
    late: LateInteraction, c: Checkpoint, expansion: Config, vocabulary: Vocabulary
) -> LateInteraction:
    """Return it with the fill of queries that MultiVectorEncoder's `query_expansion` asks for."""
    if not expansion.values:
        return late
    strategy = expansion.word("strategy")
    if strategy not in ("fixed", "min"):
        raise expansion.wrong("query_expansion.strategy", "fixed or min", strategy)
    length = query_length(c, expansion, "length")
    return replace(
        late,
        query_length=length if strategy == "fixed" else late.query_length,
        fill_length=length,
        fill_id=fill_id(vocabulary, expansion),
        fill_seen=expansion.switch("attend", False),
    )


def skipped(folders: list[Path], vocabulary: Vocabulary) -> frozenset[int]:
    """Return the ids that MultiVectorMask leaves out of documents."""
    found: frozenset[int] = frozenset()
    for folder in folders:
        mask = Config.read(folder / "config.json")
        mask.refuse("skiplist_tasks", ["document"])
        mask.refuse("keep_only_token_ids", [])
        found |= vocabulary.ids(mask.words("skiplist_words"))
    return found


def query_length(c: Checkpoint, config: Config, key: str) -> int:
    """Return how long queries are."""
    return config.size(key, min(QUERY_LENGTH, c.network.max_positions), most=c.network.max_positions)


def document_length(c: Checkpoint, config: Config, key: str) -> int:
    """Return the most tokens of a document."""
    return min(config.size(key, DOCUMENT_LENGTH), c.network.max_positions)


def marker(config: Config, key: str, default: str, vocabulary: Vocabulary) -> int | None:
    """Return the id of a marker: the token as written, or its first word; None where it is empty."""
    text = config.word(key, default)
    for word in (text, *text.split()[:1]):
        found = vocabulary.id(word)
        if found is not None:
            return found
    if not text:
        return None
    raise config.wrong(key, "a token of the vocabulary", text)


def fill_id(vocabulary: Vocabulary, config: Config) -> int:
    """Return what queries are filled with: the mask token, or the end token where there is none."""
    if config.has("token"):
        found = vocabulary.id(config.word("token"))
        if found is None:
            raise config.wrong("token", "a token of the vocabulary", config.word("token"))
        return found
    for role in ("mask_token", "eos_token"):
        found = vocabulary.special(role)
        if found is not None:
            return found
    raise CheckpointError(
        f"{config.path.parent}: the tokenizer has neither a mask token nor an end token, with which queries "
        "are filled: fetch tokenizer_config.json again"
    )
