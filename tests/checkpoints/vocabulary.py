"""Tiny vocabularies, equal in every run.

The WordPiece and Unigram trainers of `tokenizers` break ties by hash order, so these vocabularies are
picked here.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from tokenizers.trainers import BpeTrainer

from .texts import CORPUS

# GPT-4's pattern, as Qwen published it
WORDS = Regex(
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def word_pieces(specials: Sequence[str], unused: Sequence[str] = ()) -> Tokenizer:
    """Return a lower-casing WordPiece tokenizer; some words of the corpus are only there in pieces.

    `unused` are rows kept for later, which no text gives.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    vocabulary = {
        piece: index for index, piece in enumerate(dict.fromkeys((*specials, *unused, *_pieces(tokenizer))))
    }
    tokenizer.model = models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100)
    tokenizer.add_special_tokens(_special(specials))
    return tokenizer


def byte_pairs(specials: Sequence[str], extra: Sequence[str] = (), words: Regex | None = None) -> Tokenizer:
    """Return a byte-level BPE tokenizer: `specials` come first in the vocabulary, `extra` ones last."""
    tokenizer = Tokenizer(models.BPE(fuse_unk=False))
    tokenizer.pre_tokenizer = _bytes() if words is None else _bytes_of(words)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = BpeTrainer(
        vocab_size=600, special_tokens=list(specials), show_progress=False, initial_alphabet=alphabet
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    tokenizer.add_special_tokens(_special(extra))
    return tokenizer


def unigrams(specials: Sequence[str], unknown: str, extra: Sequence[str] = ()) -> Tokenizer:
    """Return a SentencePiece-like Unigram tokenizer: `specials` come first, `extra` ones last."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    words = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), words])
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    scored = [(name, 0.0) for name in specials] + _likely_pieces(tokenizer, 500)
    tokenizer.model = models.Unigram(scored, unk_id=list(specials).index(unknown), byte_fallback=False)
    tokenizer.add_special_tokens(_special(specials))
    tokenizer.add_special_tokens(
        [AddedToken(name, lstrip=True, special=True, normalized=False) for name in extra]
    )
    return tokenizer


def template(tokenizer: Tokenizer, single: str, pair: str, names: Sequence[str]) -> None:
    """Make the tokenizer put the special tokens `names` around its inputs."""
    ids = [(name, tokenizer.token_to_id(name)) for name in names]
    tokenizer.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=ids)


def _special(names: Sequence[str]) -> list[AddedToken]:
    return [AddedToken(name, special=True, normalized=False) for name in names]


def _bytes() -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.ByteLevel(add_prefix_space=False)


def _bytes_of(words: Regex) -> pre_tokenizers.PreTokenizer:
    split = pre_tokenizers.Split(words, "isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def _pieces(tokenizer: Tokenizer) -> Iterator[str]:
    counts = _word_counts(tokenizer)
    letters = sorted({letter for word in counts for letter in word})
    yield from letters
    yield from ("##" + letter for letter in letters)
    yield from ("##" + word[-2:] for word in counts if len(word) > 2)
    yield from (word for index, word in enumerate(counts) if index % 4)


def _likely_pieces(tokenizer: Tokenizer, count: int) -> list[tuple[str, float]]:
    """Return every letter and the most useful longer pieces with their log likelihoods."""
    counts: Counter[str] = Counter()
    for word, times in _word_counts(tokenizer).items():
        for start in range(len(word)):
            for end in range(start + 1, min(start + 8, len(word)) + 1):
                counts[word[start:end]] += times
    total = sum(counts.values())
    pieces = sorted(counts, key=lambda piece: (len(piece) > 1, -counts[piece] * (len(piece) - 1), piece))
    return [(piece, math.log(counts[piece] / total)) for piece in pieces[:count]]


def _word_counts(tokenizer: Tokenizer) -> Counter[str]:
    """Count the words of the corpus, in the order in which they first appear."""
    counts: Counter[str] = Counter()
    for text in CORPUS:
        normal = tokenizer.normalizer.normalize_str(text)
        counts.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
    return counts
