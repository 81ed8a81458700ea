"""Texts whose lengths are like those of a real index: log-normal, median 45 words, up to 480."""

from pathlib import Path

import numpy as np

MEDIAN_WORDS, SPREAD, MOST_WORDS = 45, 0.9, 480


def mixed_texts(count: int, tokenizer_json: Path, seed: int = 7) -> list[str]:
    """Return texts of words from the model's own vocabulary, frequent ones more often."""
    import tokenizers

    vocabulary = tokenizers.Tokenizer.from_file(str(tokenizer_json)).get_vocab()
    words = [
        word for word in sorted(vocabulary, key=vocabulary.__getitem__) if word.isalpha() and len(word) > 1
    ]
    random = np.random.default_rng(seed)
    lengths = np.exp(random.normal(np.log(MEDIAN_WORDS), SPREAD, count)).clip(1, MOST_WORDS).astype(int)
    ranks = (random.pareto(1.0, lengths.sum()) * 20).astype(int) % len(words)
    picked = iter(ranks.tolist())
    return [" ".join(words[next(picked)] for _ in range(length)) for length in lengths]


def word_count(texts: list[str]) -> int:
    """Return the words of all texts."""
    return sum(text.count(" ") + 1 for text in texts)
