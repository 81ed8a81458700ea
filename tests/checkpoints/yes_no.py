"""Qwen3-Reranker as published: a causal language model that is asked for yes or no."""

from dataclasses import replace

from . import qwen3
from .recipe import Json, Recipe, Size, Vocabulary
from .vocabulary import WORDS, byte_pairs


def vocabulary() -> Vocabulary:
    """Return Qwen3's vocabulary without an end token after texts."""
    words = qwen3.vocabulary()
    tokenizer = byte_pairs([], [qwen3.END, "<|im_start|>", "<|im_end|>"], WORDS)
    special = {"eos_token": "<|im_end|>", "pad_token": qwen3.END}
    return replace(
        words, tokenizer=tokenizer, special=special, config={**words.config, "model_max_length": 640}
    )


def untied(words: Vocabulary, size: Size) -> Json:
    """Return the config.json of the larger ones, whose output layer is its own."""
    return {**qwen3.config(words, size), "tie_word_embeddings": False}


TIED = Recipe("Qwen3ForCausalLM", vocabulary, qwen3.config, qwen3.SIZES, dtype="bfloat16")
UNTIED = replace(TIED, config=untied)
