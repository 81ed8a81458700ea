"""Language models that rank: the likelihood of "yes" against "no" as the next token."""

from dataclasses import replace
from math import prod

from vectord.core import Dense, Head, StoredTensor
from vectord.errors import CheckpointError

from .checkpoint import Checkpoint
from .named import find
from .vocabulary import Vocabulary
from .weights import ELEMENT

ANSWERS = ("no", "yes")
VOCABULARY = "head.vocabulary.weight"


def answer_ids(c: Checkpoint) -> tuple[int, ...] | None:
    """Return the tokens of the answers, if the tokenizer has one for each."""
    vocabulary = Vocabulary(c.path)
    found = tuple(one for one in map(vocabulary.id, ANSWERS) if one is not None)
    return found if len(found) == len(ANSWERS) else None


def answer_head(c: Checkpoint) -> Head:
    """Return the head: the last token's state against the rows of both answers."""
    parts = tuple(f"head.{answer}" for answer in ANSWERS)
    choice = Dense("head.answers", c.network.hidden_size, len(parts), False, "identity", parts=parts)
    return Head("logits", "last-token", (choice,))


def answer_tensors(c: Checkpoint, ids: tuple[int, ...]) -> dict[str, StoredTensor]:
    """Return the rows of the output layer that score the answers."""
    whole = find(c.path, c.family, VOCABULARY, c.stored)
    wanted = (c.network.vocab_size, c.network.hidden_size)
    if whole.shape != wanted or whole.dtype not in ELEMENT or max(ids) >= wanted[0]:
        raise CheckpointError(f"{whole.file}: the output layer must have the shape {list(wanted)}")
    return {f"head.{word}.weight": row_of(whole, index) for word, index in zip(ANSWERS, ids, strict=True)}


def row_of(matrix: StoredTensor, index: int) -> StoredTensor:
    """Return one row of a matrix as a matrix of one row."""
    step = prod(matrix.shape[1:]) * ELEMENT[matrix.dtype].itemsize
    return replace(matrix, offset=matrix.offset + index * step, shape=(1, *matrix.shape[1:]))
