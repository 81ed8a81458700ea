"""MPNet as sentence-transformers publishes it: BERT's words between RoBERTa's special tokens."""

from functools import partial

from . import bert, roberta
from .recipe import Embedder, Json, Recipe, Size, Vocabulary
from .vocabulary import template, word_pieces

SPECIAL = {**roberta.SPECIAL, "unk_token": "[UNK]"}


def vocabulary() -> Vocabulary:
    """Return a lower-casing vocabulary; a pair has two separators and no types."""
    tokenizer = word_pieces(["<s>", "<pad>", "</s>", "[UNK]", "<mask>"])
    template(tokenizer, "<s> $A </s>", "<s> $A </s> </s> $B:0 </s>", ["<s>", "</s>"])
    names = ["input_ids", "attention_mask"]
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_input_names": names,
        "model_max_length": 512,
    }
    return Vocabulary(tokenizer, SPECIAL, config)


def config(words: Vocabulary, size: Size, labels: tuple[str, ...] = ()) -> Json:
    """Return config.json; two of its position rows are never read."""
    out = {
        **bert.config(words, size, labels),
        "model_type": "mpnet",
        "bos_token_id": words.id("bos_token"),
        "eos_token_id": words.id("eos_token"),
        "layer_norm_eps": 1e-05,
        "max_position_embeddings": 514,
        "relative_attention_num_buckets": 32,
    }
    del out["type_vocab_size"]
    return out


EMBED = Recipe("MPNetModel", vocabulary, config, roberta.SIZES, Embedder("mean_tokens", max_length=384))
CLASSIFY = Recipe(
    "MPNetForSequenceClassification",
    vocabulary,
    partial(config, labels=("contradiction", "entailment", "neutral")),
    roberta.SIZES,
)
