"""Qwen3-Embedding as published: causal, shared heads, last token, bfloat16."""

from .recipe import Embedder, Json, Recipe, Size, Sizes, Vocabulary
from .vocabulary import WORDS, byte_pairs, template

END = "<|endoftext|>"
QUERY = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
SIZES: Sizes = {
    "small": Size(hidden=32, layers=2, heads=4, inner=64, head=16, shared_heads=2),
    "odd": Size(hidden=40, layers=3, heads=3, inner=52, head=12, shared_heads=1),
}


def vocabulary() -> Vocabulary:
    """Return a byte-level vocabulary that appends its end token and asks for padding on the left."""
    tokenizer = byte_pairs([], [END, "<|im_start|>", "<|im_end|>"], WORDS)
    template(tokenizer, f"$A {END}", f"$A {END} $B {END}", [END])
    return Vocabulary(
        tokenizer,
        {"eos_token": END, "pad_token": END},
        {"tokenizer_class": "Qwen2Tokenizer", "padding_side": "left", "model_max_length": 32768},
    )


def config(words: Vocabulary, size: Size) -> Json:
    """Return config.json."""
    return {
        "model_type": "qwen3",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": words.id("eos_token"),
        "eos_token_id": words.id("eos_token"),
        "head_dim": size.head,
        "hidden_act": "silu",
        "hidden_size": size.hidden,
        "initializer_range": 0.02,
        "intermediate_size": size.inner,
        "max_position_embeddings": 32768,
        "max_window_layers": size.layers,
        "num_attention_heads": size.heads,
        "num_hidden_layers": size.layers,
        "num_key_value_heads": size.shared_heads,
        "rms_norm_eps": 1e-06,
        "rope_scaling": None,
        "rope_theta": 1000000,
        "sliding_window": None,
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.51.3",
        "use_cache": True,
        "use_sliding_window": False,
        "vocab_size": words.size,
    }


EMBED = Recipe(
    "Qwen3Model",
    vocabulary,
    config,
    SIZES,
    Embedder("lasttoken", max_length=512, prompts={"query": QUERY, "document": ""}),
    dtype="bfloat16",
    architecture="Qwen3ForCausalLM",
)
