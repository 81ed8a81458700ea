"""Language models that rank: the likelihood of "yes" against "no" as the next token."""

from dataclasses import replace
from math import prod

from vectord.core import Dense, Head, StoredTensor
from vectord.errors import CheckpointError

from .checkpoint import Checkpoint
from .named import checked, find
from .weights import ELEMENT

ANSWERS = ("no", "yes")
VOCABULARY, WORDS = "head.vocabulary.weight", "embedding.word.weight"


def answer_ids(c: Checkpoint) -> tuple[int, ...] | None:
    """Return the tokens of the answers, if the tokenizer has one for each."""
    found = tuple(one for one in map(c.vocabulary.id, ANSWERS) if one is not None)
    return found if len(found) == len(ANSWERS) else None


def answer_head(c: Checkpoint) -> Head:
    """Return the head: the last token's state against the rows of both answers."""
    parts = tuple(f"head.{answer}" for answer in ANSWERS)
    choice = Dense("head.answers", c.network.hidden_size, len(parts), False, "identity", parts=parts)
    return Head("logits", "last-token", (choice,))


def output_layer(c: Checkpoint) -> StoredTensor:
    """Return the matrix with a row for each word: the word vectors where config.json ties both."""
    found = find(c.path, c.family, VOCABULARY, c.stored)
    tied = c.config.switch("tie_word_embeddings", True)
    if not tied and found == find(c.path, c.family, WORDS, c.stored):
        raise CheckpointError(
            f"{c.path} has no output layer, and tie_word_embeddings = false in {c.config.path} says that it "
            "has its own: fetch or save the checkpoint again"
        )
    return found


def answer_tensors(c: Checkpoint, ids: tuple[int, ...]) -> dict[str, StoredTensor]:
    """Return the rows of the output layer that score the answers."""
    rows = c.network.vocab_size
    whole = checked(VOCABULARY, (rows, c.network.hidden_size), output_layer(c))
    if max(ids) >= rows:
        raise CheckpointError(
            f"{c.path}: {' and '.join(ANSWERS)} have the token ids {ids}, but the embedding has {rows} rows: "
            "tokenizer and weights are not of one checkpoint"
        )
    return {f"head.{word}.weight": row_of(whole, index) for word, index in zip(ANSWERS, ids, strict=True)}


def row_of(matrix: StoredTensor, index: int) -> StoredTensor:
    """Return one row of a matrix as a matrix of one row."""
    step = prod(matrix.shape[1:]) * ELEMENT[matrix.dtype].itemsize
    return replace(matrix, offset=matrix.offset + index * step, shape=(1, *matrix.shape[1:]))
