"""ModernBERT as its embedders are published: rotary, gated, pre-norm, most layers see a window only."""

from .bert import SPECIAL
from .recipe import Embedder, Json, Recipe, Size, Sizes, Vocabulary
from .vocabulary import byte_pairs, template

SIZES: Sizes = {
    "small": Size(hidden=32, layers=4, heads=4, inner=48),
    "odd": Size(hidden=40, layers=5, heads=2, inner=36),
}


def vocabulary() -> Vocabulary:
    """Return a byte-level vocabulary with BERT's special tokens."""
    tokenizer = byte_pairs(["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"])
    template(tokenizer, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]", ["[CLS]", "[SEP]"])
    return Vocabulary(
        tokenizer,
        SPECIAL,
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_input_names": ["input_ids", "attention_mask"],
            "model_max_length": 8192,
        },
    )


def config(words: Vocabulary, size: Size) -> Json:
    """Return config.json; the second shape has other windows too."""
    return {
        "model_type": "modernbert",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": words.id("cls_token"),
        "cls_token_id": words.id("cls_token"),
        "embedding_dropout": 0.0,
        "eos_token_id": words.id("sep_token"),
        "global_attn_every_n_layers": 3 if size.layers == 4 else 2,
        "global_rope_theta": 160000.0,
        "hidden_activation": "gelu",
        "hidden_size": size.hidden,
        "intermediate_size": size.inner,
        "layer_norm_eps": 1e-05,
        "local_attention": 32 if size.layers == 4 else 20,
        "local_rope_theta": 10000.0,
        "max_position_embeddings": 8192,
        "mlp_bias": False,
        "mlp_dropout": 0.0,
        "norm_bias": False,
        "norm_eps": 1e-05,
        "num_attention_heads": size.heads,
        "num_hidden_layers": size.layers,
        "pad_token_id": words.id("pad_token"),
        "position_embedding_type": "absolute",
        "sep_token_id": words.id("sep_token"),
        "torch_dtype": "float32",
        "transformers_version": "4.48.0",
        "vocab_size": words.size,
    }


EMBED = Recipe("ModernBertModel", vocabulary, config, SIZES, Embedder("cls_token", max_length=512))


def classifier(*labels: str, **more: object) -> Recipe:
    """Return a classifier; `more` is what its config.json says of the head."""

    def made(words: Vocabulary, size: Size) -> Json:
        names = {
            "id2label": {str(i): name for i, name in enumerate(labels)},
            "label2id": {name: i for i, name in enumerate(labels)},
        }
        return {**config(words, size), **names, **more}

    return Recipe("ModernBertForSequenceClassification", vocabulary, made, SIZES)


RERANK = classifier("LABEL_0", classifier_pooling="mean", classifier_bias=False, classifier_activation="gelu")
CLASSIFY = classifier("bad", "so so", "good", classifier_bias=True, norm_bias=True)
