"""RoBERTa (Liu et al. 2019, arXiv 1907.11692) and its kin: BERT whose positions begin after padding's."""

from collections.abc import Mapping

from vectord.core import Arch, Dense, Head, LayerNorm, Learned

from ..config import Config
from . import flash
from .bert import NAMES, encoder, splade, token_classifier
from .family import Family, Stored
from .labels import label_count


def arch(config: Config) -> Arch:
    """Read a config.json; the first token reads the row after padding's."""
    offset = config.size("pad_token_id", 1, least=0) + 1
    rows = config.size("max_position_embeddings")
    if rows <= offset:
        raise config.wrong("max_position_embeddings", f"more than pad_token_id + 1 = {offset}", rows)
    return encoder(config, Learned(rows, offset))


def classifier(config: Config) -> Head:
    """Read the head of *ForSequenceClassification: two dense layers on the first token."""
    size = config.size("hidden_size")
    dense = Dense("head.dense", size, size, bias=True, activation="tanh")
    scores = Dense("head.classifier", size, label_count(config), bias=True, activation="identity")
    return Head("logits", "cls", (dense, scores))


def masked_lm(config: Config) -> Head:
    """Read the head of *ForMaskedLM; its activation is gelu whatever the network's is."""
    norm = LayerNorm(config.number("layer_norm_eps", 1e-12))
    return splade(config, config.size("hidden_size"), "gelu", norm)


def family(
    model_type: str, *examples: str, names: Mapping[str, Stored | tuple[Stored, ...]] = NAMES
) -> Family:
    """Declare one of them: they differ in their vocabularies, and in what some files call the parameters."""
    return Family(
        name=model_type,
        model_type=model_type,
        arch=arch,
        classifier=classifier,
        token_classifier=token_classifier,
        masked_lm=masked_lm,
        prefixes=("", "roberta."),
        names={
            **names,
            "head.dense": "classifier.dense",
            "head.classifier": "classifier.out_proj",
            "head.labels": "classifier",
            "head.transform": "lm_head.dense",
            "head.transform_norm": "lm_head.layer_norm",
            "head.vocabulary": ("lm_head.decoder", "lm_head", NAMES["embedding.word"]),
        },
        examples=examples,
    )


ROBERTA = family("roberta", "sentence-transformers/all-distilroberta-v1")
XLM_ROBERTA = family(
    "xlm-roberta",
    "intfloat/multilingual-e5-small",
    "BAAI/bge-reranker-v2-m3",
    "jinaai/jina-reranker-v2-base-multilingual",
    names={stem: (name, flash.NAMES[stem]) for stem, name in NAMES.items()},
)
CAMEMBERT = family("camembert", "dangvantuan/sentence-camembert-base")
