"""Heads that are damaged or ask for what is not supported: one line names the file and says what to do."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.checkpoints import Style
from tests.shared import Checkpoints

from .damage import Damage, both, check, config, text, weights, without
from .editing import GONE, add_dense, edit, write

Case = tuple[str, Style, Damage, tuple[str, ...]]


def settings(name: str, **changes: Any) -> Damage:
    return lambda path: edit(path / name, changes)


def metadata(**changes: Any) -> Damage:
    return settings("artifact.metadata", **changes)


def pylate(**changes: Any) -> Damage:
    return settings("config_sentence_transformers.json", **changes)


def expansion(**changes: Any) -> Damage:
    whole = {"strategy": "fixed", "attend": False, "token": None, "length": 32, **changes}
    return settings("sentence_bert_config.json", query_expansion=whole)


def with_modules(*kinds: str) -> Damage:
    """List modules of these kinds, each in the folder that has its name already, or in a new one."""

    def damage(path: Path) -> None:
        entries = [{"idx": 0, "name": "0", "path": "", "type": "a.Transformer"}]
        for kind in kinds:
            folder = next((one.name for one in path.glob(f"*_{kind}")), f"9_{kind}")
            entries.append({"idx": 1, "name": "1", "path": folder, "type": f"a.{kind}"})
        write(path / "modules.json", entries)

    return damage


LINEAR = np.zeros((24, 31), np.float32)
STANFORD: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "settings that are not JSON": (text("artifact.metadata", "{"), ("artifact.metadata cannot be read",)),
    "settings that are a list": (text("artifact.metadata", "[]"), ("must hold a JSON object",)),
    "queries of no token": (metadata(query_maxlen=0), ("query_maxlen must be from 1 to 512, not '0'",)),
    "absurdly long queries": (metadata(query_maxlen=10**9), ("query_maxlen must be from 1 to 512",)),
    "absurdly long documents": (metadata(doc_maxlen=10**30), ("doc_maxlen must be from 1 to",)),
    "a length in words": (metadata(doc_maxlen="180"), ("doc_maxlen must be a whole number",)),
    "a marker that nobody knows": (
        metadata(query_token_id="[unused9]"),
        ("artifact.metadata: query_token_id must be a token of the vocabulary, not '[unused9]'",),
    ),
    "a marker that is a number": (metadata(doc_token_id=1), ("doc_token_id must be a text",)),
    "attention in words": (metadata(attend_to_mask_tokens="no"), ("must be true or false",)),
    "no projection": (weights(linear__weight=GONE), ("has no matrix linear.weight",)),
    "a projection of one axis": (weights(linear__weight=LINEAR[0]), ("has no matrix linear.weight",)),
    "a projection of another width": (weights(linear__weight=LINEAR), ("[24, 31]", "[24, 32]")),
    "nothing to fill queries with": (
        both(without("special_tokens_map.json"), text("tokenizer_config.json", "{}")),
        ("neither a mask token nor an end token",),
    ),
}
PYLATE: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "a marker that nobody knows": (
        pylate(query_prefix="[X] "),
        ("config_sentence_transformers.json: query_prefix must be a token of the vocabulary",),
    ),
    "queries of no token": (pylate(query_length=0), ("query_length must be from 1 to",)),
    "a filling in words": (pylate(do_query_expansion="yes"), ("do_query_expansion must be true or false",)),
    "skipped words in one": (pylate(skiplist_words=".,"), ("skiplist_words must be a list of texts",)),
    "a projection of another width": (
        settings("1_Dense/config.json", in_features=31),
        ("a Dense module takes 31 values but gets 32",),
    ),
    "no projection": (without("1_Dense/model.safetensors"), ("1_Dense/model.safetensors is missing",)),
}
MULTI_VECTOR: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "an unknown way to fill": (
        expansion(strategy="random"),
        ("sentence_bert_config.json: query_expansion.strategy must be fixed or min",),
    ),
    "a filling without a length": (expansion(length=0), ("length must be from 1 to 512",)),
    "a filling of no token": (expansion(token="[X]"), ("token must be a token of the vocabulary",)),
    "queries of which tokens are skipped": (
        settings("2_MultiVectorMask/config.json", skiplist_tasks=["query", "document"]),
        ("2_MultiVectorMask/config.json: skiplist_tasks = ", "cannot be served"),
    ),
    "only some tokens": (
        settings("2_MultiVectorMask/config.json", keep_only_token_ids=[7]),
        ("keep_only_token_ids = [7] is not supported",),
    ),
    "vectors of any length": (
        with_modules("Dense", "MultiVectorMask"),
        ("modules.json: a MultiVectorEncoder without Normalize is not supported",),
    ),
    "token pooling": (
        with_modules("Dense", "MultiVectorMask", "HierarchicalTokenPooling", "Normalize"),
        ("module 'HierarchicalTokenPooling' is not supported",),
    ),
}
SPLADE: dict[str, tuple[Damage, tuple[str, ...]]] = {
    "a sum": (
        settings("1_SpladePooling/config.json", pooling_strategy="sum"),
        ("1_SpladePooling/config.json: pooling_strategy = sum is not supported", "cannot be served"),
    ),
    "two logarithms": (
        settings("1_SpladePooling/config.json", activation_function="log1p_relu"),
        ("activation_function = log1p_relu is not supported",),
    ),
    "only the greatest": (
        settings("config_sentence_transformers.json", max_active_dims=64),
        ("max_active_dims = 64 is not supported",),
    ),
    "unit vectors": (with_modules("SpladePooling", "Normalize"), ("in this order is not supported",)),
    "a dense layer behind": (with_modules("SpladePooling", "Dense"), ("in this order is not supported",)),
    "two poolings": (with_modules("SpladePooling", "Pooling"), ("in this order is not supported",)),
    "no settings": (without("1_SpladePooling/config.json"), ("1_SpladePooling/config.json is missing",)),
    "an encoder of sparse codes": (
        with_modules("Pooling", "SparseAutoEncoder"),
        ("module 'SparseAutoEncoder' is not supported",),
    ),
    "no transform": (
        weights(cls__predictions__transform__dense__weight=GONE),
        ("has no tensor cls.predictions.transform.dense.weight",),
    ),
    "no bias": (
        weights(cls__predictions__bias=GONE),
        ("has no tensor cls.predictions.decoder.bias",),
    ),
    "words of another vocabulary": (
        weights(cls__predictions__bias=np.zeros(7, np.float32)),
        ("head.vocabulary.bias has shape [7]",),
    ),
    "an output layer that is its own and not there": (
        config(tie_word_embeddings=False),
        ("has no output layer, and tie_word_embeddings = false",),
    ),
    "ties in words": (config(tie_word_embeddings="no"), ("tie_word_embeddings must be true or false",)),
}
OTHERS: dict[str, Case] = {
    "modernbert's decoder without a bias": (
        "modernbert_splade",
        "published",
        config(decoder_bias=False),
        ("decoder_bias = False is not supported",),
    ),
    "fewer labels of tokens than weights": (
        "bert_ner",
        "published",
        config(id2label={"0": "O", "1": "B-PER"}),
        ("head.labels.weight", "[5, 32]", "[2, 32]"),
    ),
    "no scores of tokens": (
        "roberta_ner",
        "published",
        weights(classifier__weight=GONE),
        ("has no tensor classifier.weight, which roberta needs",),
    ),
    "token labels of a family that has none": (
        "nomic",
        "published",
        both(without("modules.json"), config(architectures=["NomicBertForTokenClassification"])),
        ("NomicBertForTokenClassification is not supported",),
    ),
    "an output layer of another width": (
        "qwen3_yes_no_untied",
        "published",
        weights(lm_head__weight=np.zeros((9, 32), np.float32)),
        ("head.vocabulary.weight has shape [9, 32]",),
    ),
    "answers outside the output layer": (
        "qwen3_yes_no",
        "published",
        both(config(vocab_size=300), weights(model__embed_tokens__weight=np.zeros((300, 32), np.float32))),
        ("no and yes have the token ids", "the embedding has 300 rows"),
    ),
    "a dense layer that writes elsewhere": (
        "bert_max",
        "published",
        lambda path: add_dense(path, 32, 8, module_output_name="token_embeddings"),
        ("module_output_name = token_embeddings is not supported",),
    ),
    "a reranker of modules": (
        "qwen3_yes_no",
        "published",
        with_modules("LogitScore"),
        ("module 'LogitScore' is not supported",),
    ),
}
CASES: dict[str, Case] = {
    **{f"Stanford: {name}": ("bert_colbert", "published", *case) for name, case in STANFORD.items()},
    **{f"PyLate: {name}": ("bert_pylate", "published", *case) for name, case in PYLATE.items()},
    **{f"MultiVector: {name}": ("bert_colbert", "resaved", *case) for name, case in MULTI_VECTOR.items()},
    **{f"SPLADE: {name}": ("bert_splade", "resaved", *case) for name, case in SPLADE.items()},
    **OTHERS,
}


@pytest.mark.parametrize("damage", CASES)
def test_it_is_said(checkpoint: Checkpoints, tmp_path: Path, damage: str) -> None:
    family, style, apply, words = CASES[damage]
    path = checkpoint.copy(family, tmp_path / "copy", style=style)
    apply(path)
    check(path, *words)
