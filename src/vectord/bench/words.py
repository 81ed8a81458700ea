"""Words to make texts of: the model's own vocabulary, or a built-in list where there is no checkpoint."""

from pathlib import Path

ENOUGH = 100  # words below which a vocabulary is no language
MARKS = "Ġ▁"  # how tokenizers write the space before a word


def vocabulary(tokenizer_json: Path) -> list[str]:
    """Return the words of a vocabulary, in the order of their ids; the built-in ones where it has few."""
    import tokenizers

    ids = tokenizers.Tokenizer.from_file(str(tokenizer_json)).get_vocab()
    bare = (token.lstrip(MARKS) for token in sorted(ids, key=ids.__getitem__))
    words = list(dict.fromkeys(word for word in bare if word.isalpha() and len(word) > 1))
    return words if len(words) >= ENOUGH else built_in()


def built_in() -> list[str]:
    """Return the English words of the sentences that also check int8."""
    from ..models.probe import languages

    words = (word.strip(".,;:!?\"'()").lower() for line in languages()[0] for word in line.split())
    return list(dict.fromkeys(word for word in words if word.isalpha()))
