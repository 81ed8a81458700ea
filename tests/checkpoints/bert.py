"""BERT as sentence-transformers and cross-encoders publish it."""

from functools import partial

from .recipe import Embedder, Json, Recipe, Size, Sizes, Vocabulary
from .vocabulary import template, word_pieces

SPECIAL = {
    "unk_token": "[UNK]",
    "sep_token": "[SEP]",
    "pad_token": "[PAD]",
    "cls_token": "[CLS]",
    "mask_token": "[MASK]",
}
SIZES: Sizes = {
    "small": Size(hidden=32, layers=2, heads=4, inner=64),
    "odd": Size(hidden=36, layers=3, heads=3, inner=50),
}


def vocabulary(unused: tuple[str, ...] = ()) -> Vocabulary:
    """Return a vocabulary whose file asks for a fixed length, as all-MiniLM-L6-v2's does."""
    tokenizer = word_pieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], unused)
    template(tokenizer, "[CLS]:0 $A:0 [SEP]:0", "[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", ["[CLS]", "[SEP]"])
    tokenizer.enable_truncation(128)
    tokenizer.enable_padding(length=128)
    return Vocabulary(
        tokenizer,
        SPECIAL,
        {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512},
    )


def config(words: Vocabulary, size: Size, labels: tuple[str, ...] = ()) -> Json:
    """Return config.json; `labels` are those of a classifier."""
    out: Json = {
        "model_type": "bert",
        "attention_probs_dropout_prob": 0.1,
        "classifier_dropout": None,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": size.hidden,
        "initializer_range": 0.02,
        "intermediate_size": size.inner,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 512,
        "num_attention_heads": size.heads,
        "num_hidden_layers": size.layers,
        "pad_token_id": words.id("pad_token"),
        "position_embedding_type": "absolute",
        "transformers_version": "4.8.2",
        "type_vocab_size": 2,
        "use_cache": True,
        "vocab_size": words.size,
    }
    if labels:
        out["id2label"] = {str(index): label for index, label in enumerate(labels)}
        out["label2id"] = {label: index for index, label in enumerate(labels)}
    return out


EMBED = Recipe("BertModel", vocabulary, config, SIZES, Embedder("mean_tokens", max_length=256))
RERANK = Recipe("BertForSequenceClassification", vocabulary, partial(config, labels=("LABEL_0",)), SIZES)
CLASSIFY = Recipe(
    "BertForSequenceClassification",
    vocabulary,
    partial(config, labels=("negative", "neutral", "positive")),
    SIZES,
)
