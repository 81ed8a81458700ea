"""DeBERTa-v2 as rerankers are published, and with all that its config can say otherwise."""

from functools import partial

from . import bert
from .recipe import Embedder, Json, Recipe, Size, Sizes, Vocabulary

SIZES: Sizes = {
    "small": Size(hidden=32, layers=2, heads=4, inner=64),
    "odd": Size(hidden=42, layers=3, heads=3, inner=50),
}
# positions as v3 has them, and as the first of the family could
SHARED = {
    "max_relative_positions": -1,
    "norm_rel_ebd": "layer_norm",
    "pos_att_type": "p2c|c2p",
    "position_biased_input": False,
    "position_buckets": 16,
    "share_att_key": True,
    "type_vocab_size": 0,
}
OWN = {
    "max_relative_positions": 40,
    "pos_att_type": ["c2p", "p2c"],
    "position_biased_input": True,
    "share_att_key": False,
    "type_vocab_size": 2,
}


def vocabulary() -> Vocabulary:
    """Return BERT's vocabulary."""
    words = bert.vocabulary()
    return Vocabulary(
        words.tokenizer,
        words.special,
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_input_names": ["input_ids", "token_type_ids", "attention_mask"],
            "model_max_length": 512,
        },
    )


def config(words: Vocabulary, size: Size, labels: tuple[str, ...] = ()) -> Json:
    """Return config.json; `labels` are those of a classifier."""
    out = bert.config(words, size, labels)
    del out["position_embedding_type"]
    return {
        **out,
        "model_type": "deberta-v2",
        "layer_norm_eps": 1e-07,
        "pooler_dropout": 0,
        "pooler_hidden_act": "gelu",
        "pooler_hidden_size": size.hidden,
        "relative_attention": True,
        **(SHARED if size.layers == 2 else OWN),
    }


RERANK = Recipe("DebertaV2ForSequenceClassification", vocabulary, partial(config, labels=("LABEL_0",)), SIZES)
EMBED = Recipe("DebertaV2Model", vocabulary, config, SIZES, Embedder("mean_tokens", max_length=256))
