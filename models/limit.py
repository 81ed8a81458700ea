"""How long an input may be."""

from pathlib import Path

from .sentence import read_limit
from .tokenizer import model_max_length


def stated_limit(path: Path, positions: int) -> int:
    """Return the limit in tokens: sentence-transformers', else the tokenizer's, within the network's."""
    return min(read_limit(path) or model_max_length(path) or positions, positions)
