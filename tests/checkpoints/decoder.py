"""Mistral, Qwen2 and Llama as embedders and rerankers are published: decoders, some in several files."""

from collections.abc import Callable
from dataclasses import replace

from . import qwen3
from .recipe import Embedder, Json, Recipe, Size, Sizes, Vocabulary

SIZES: Sizes = {
    "small": Size(hidden=32, layers=2, heads=4, inner=64, shared_heads=2),
    "odd": Size(hidden=36, layers=3, heads=3, inner=52, shared_heads=1),
}
LLAMA3 = {
    "factor": 4.0,
    "high_freq_factor": 4.0,
    "low_freq_factor": 1.0,
    "original_max_position_embeddings": 128,
    "rope_type": "llama3",
}
EMBEDDER = Embedder("lasttoken", max_length=512)


def vocabulary() -> Vocabulary:
    """Return a vocabulary whose padding is not the end token, which classifiers search from the right."""
    words = qwen3.vocabulary()
    config = {**words.config, "tokenizer_class": "PreTrainedTokenizerFast"}
    return replace(words, special={**words.special, "pad_token": "<|im_end|>"}, config=config)


def config(model_type: str, *labels: str, **more: object) -> Callable[[Vocabulary, Size], Json]:
    """Return what makes config.json, with what one of them says `more`."""

    def made(words: Vocabulary, size: Size) -> Json:
        out: Json = {
            "model_type": model_type,
            "attention_dropout": 0.0,
            "bos_token_id": words.id("eos_token"),
            "eos_token_id": words.id("eos_token"),
            "hidden_act": "silu",
            "hidden_size": size.hidden,
            "intermediate_size": size.inner,
            "max_position_embeddings": 4096,
            "num_attention_heads": size.heads,
            "num_hidden_layers": size.layers,
            "num_key_value_heads": size.shared_heads,
            "pad_token_id": words.id("pad_token"),
            "rms_norm_eps": 1e-05,
            "tie_word_embeddings": False,
            "transformers_version": "4.44.2",
            "vocab_size": words.size,
            **more,
        }
        if labels:
            out["id2label"] = {str(index): label for index, label in enumerate(labels)}
            out["label2id"] = {label: index for index, label in enumerate(labels)}
        return out

    return made


def embedder(network: str, made: Callable[[Vocabulary, Size], Json], shard_size: str = "1GB") -> Recipe:
    """Return one that sentence-transformers reads."""
    return Recipe(network, vocabulary, made, SIZES, EMBEDDER, shard_size=shard_size)


MISTRAL = embedder(
    "MistralModel", config("mistral", rope_theta=10000.0, sliding_window=50), shard_size="20KB"
)
QWEN2 = embedder("Qwen2Model", config("qwen2", rope_theta=1e6, sliding_window=None, use_sliding_window=False))
QWEN2_FULL = replace(
    embedder("Qwen2Model", config("qwen2", rope_theta=1e6, is_causal=False, use_sliding_window=False)),
    architecture="Qwen2ForCausalLM",
)


def windowed(words: Vocabulary, size: Size) -> Json:
    """Return the config.json of a Qwen2 of which some layers see a window: the last ones, or those named."""
    window = {"rope_theta": 1e6, "sliding_window": 20, "use_sliding_window": True}
    if size.layers == 2:
        return config("qwen2", **window, max_window_layers=1)(words, size)
    kinds = ["sliding_attention", "full_attention", "sliding_attention"]
    return config("qwen2", **window, is_causal=False, layer_types=kinds)(words, size)


QWEN2_WINDOWED = embedder("Qwen2Model", windowed)
LLAMA_FULL = embedder("LlamaModel", config("llama_bidirec", rope_theta=5e5, rope_scaling=LLAMA3))
LLAMA_RERANK = Recipe(
    "LlamaForSequenceClassification",
    vocabulary,
    config("llama", "LABEL_0", rope_theta=5e5, rope_scaling=LLAMA3),
    SIZES,
    shard_size="20KB",
)
# its padding is the end token that its tokenizer appends: what is scored stands before it
QWEN3_RERANK_PADDED = Recipe(
    "Qwen3ForSequenceClassification",
    qwen3.vocabulary,
    config("qwen3", "LABEL_0", rope_theta=1e6, head_dim=12),
    SIZES,
)
QWEN3_RERANK = Recipe(
    "Qwen3ForSequenceClassification",
    vocabulary,
    config("qwen3", "LABEL_0", rope_theta=1e6, head_dim=12),
    SIZES,
)
