"""Gemma as rerankers and embedders are published: norms of 1 + weight, windows, caps, dense layers."""

from collections.abc import Callable

from .recipe import Embedder, Json, Recipe, Size, Sizes, Vocabulary
from .vocabulary import byte_pairs, template

SPECIAL = {"bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>"}
SIZES: Sizes = {
    "small": Size(hidden=32, layers=3, heads=4, inner=64, head=16, shared_heads=1),
    "odd": Size(hidden=36, layers=4, heads=6, inner=52, head=10, shared_heads=3),
}


def vocabulary() -> Vocabulary:
    """Return a vocabulary that puts a token before and one after."""
    tokenizer = byte_pairs(("<pad>", "<eos>", "<bos>", "<unk>"))
    template(tokenizer, "<bos> $A <eos>", "<bos> $A <eos> <bos> $B <eos>", ["<bos>", "<eos>"])
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 2048}
    return Vocabulary(tokenizer, SPECIAL, config)


def config(model_type: str, *labels: str, **more: object) -> Callable[[Vocabulary, Size], Json]:
    """Return what makes config.json, with what one of them says `more`."""

    def made(words: Vocabulary, size: Size) -> Json:
        out: Json = {
            "model_type": model_type,
            "attention_bias": False,
            "attention_dropout": 0.0,
            "bos_token_id": words.id("bos_token"),
            "eos_token_id": words.id("eos_token"),
            "head_dim": size.head,
            "hidden_size": size.hidden,
            "intermediate_size": size.inner,
            "max_position_embeddings": 2048,
            "num_attention_heads": size.heads,
            "num_hidden_layers": size.layers,
            "num_key_value_heads": size.shared_heads,
            "pad_token_id": words.id("pad_token"),
            "rms_norm_eps": 1e-06,
            "rope_theta": 10000.0,
            "transformers_version": "4.44.2",
            "vocab_size": words.size,
            **more,
        }
        if labels:
            out["id2label"] = {str(index): label for index, label in enumerate(labels)}
            out["label2id"] = {label: index for index, label in enumerate(labels)}
        return out

    return made


def second(words: Vocabulary, size: Size) -> Json:
    """Return Gemma 2's config.json; caps low enough to be felt."""
    made = config(
        "gemma2",
        attn_logit_softcapping=5.0 if size.layers == 3 else 3.0,
        final_logit_softcapping=30.0,
        hidden_act="gelu_pytorch_tanh",
        hidden_activation="gelu_pytorch_tanh",
        query_pre_attn_scalar=12,
        sliding_window=20 if size.layers == 3 else 33,
    )
    return made(words, size)


def third(words: Vocabulary, size: Size) -> Json:
    """Return EmbeddingGemma's config.json; the second shape has a window of odd size, and slower layers."""
    small = size.layers == 3
    local = ["sliding_attention"] * (size.layers - 1)
    made = config(
        "gemma3_text",
        _sliding_window_pattern=6,
        attn_logit_softcapping=None,
        hidden_activation="gelu_pytorch_tanh",
        layer_types=[*local, "full_attention"],
        query_pre_attn_scalar=12,
        rope_local_base_freq=10000.0,
        rope_scaling=None if small else {"factor": 8.0, "rope_type": "linear"},
        rope_theta=1000000.0,
        sliding_window=24 if small else 41,
        use_bidirectional_attention=True,
    )
    return made(words, size)


def causal_third(words: Vocabulary, size: Size) -> Json:
    """Return the config.json of a Gemma 3 that sees only what came before; it counts its windows itself."""
    out = {**third(words, size), "sliding_window_pattern": 2, "use_bidirectional_attention": False}
    del out["layer_types"]
    return out


FIRST = Recipe(
    "GemmaForSequenceClassification",
    vocabulary,
    config("gemma", "LABEL_0", hidden_act="gelu", hidden_activation=None),
    SIZES,
)
SECOND = Recipe(
    "Gemma2Model",
    vocabulary,
    second,
    SIZES,
    Embedder("lasttoken", max_length=512, prompts={"web_search_query": "<instruct>Find.\n<query>"}),
    dtype="bfloat16",
    shard_size="20KB",
)
THIRD = Recipe(
    "Gemma3TextModel",
    vocabulary,
    third,
    SIZES,
    Embedder("mean_tokens", max_length=512, dense=(96, 32)),
)
THIRD_CAUSAL = Recipe("Gemma3TextForSequenceClassification", vocabulary, causal_third, SIZES)
