"""Ways to run a batch on somebody else's network, and which of them is right: tried once, at load.

Right is what each input gives alone. Some networks look at padding (convolutions over it, no mask), and
some cannot be packed; neither shows in their files.
"""

import logging
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from vectord.core import Batch, Dtype, Encoding, ModelCard, padded_length
from vectord.errors import CheckpointError

log = logging.getLogger("vectord")

Rows = NDArray[np.float32]
# a batch to rows: for each token, or for each input where the network gives that
Way = Callable[[Batch], Rows]
# a batch and the width to pad it to, to the network's output: (inputs, width, size) or (inputs, size)
Forward = Callable[[Batch, int], Rows]


class Unfit(Exception):
    """A way cannot run this batch; another may."""


LENGTHS = (7, 19, 2, 19, 11)
# how far a way may be from the truth, in units of the largest value where that is over 1
ALLOWED: dict[Dtype, float] = {"float32": 1e-4, "bfloat16": 0.05, "float16": 0.01}


def padded(forward: Forward, card: ModelCard, step: int) -> Way:
    """Pad on the right to few distinct widths."""

    def run(batch: Batch) -> Rows:
        width = min(padded_length(batch.longest, step), max(card.max_length, batch.longest))
        return unpadded(forward(batch, width), batch)

    return run


def by_length(forward: Forward) -> Way:
    """Run inputs of one length together and nothing beside them: no padding at all."""

    def run(batch: Batch) -> Rows:
        parts: dict[int, Rows] = {}
        encodings = split(batch)
        for length in np.unique(batch.lengths):
            places = np.flatnonzero(batch.lengths == length)
            same = Batch.of([encodings[place] for place in places])
            rows = unpadded(forward(same, same.longest), same)
            parts.update(zip(places.tolist(), np.split(rows, len(places)), strict=True))
        return np.concatenate([parts[place] for place in range(len(batch))])

    return run


def unpadded(output: Rows, batch: Batch) -> Rows:
    """Return the rows that are no padding's."""
    return batch.packed(output) if output.ndim == 3 else output


def split(batch: Batch) -> list[Encoding]:
    """Return a batch's inputs one by one."""
    cuts = batch.bounds[1:-1]
    rows = zip(np.split(batch.token_ids, cuts), np.split(batch.type_ids, cuts), strict=True)
    unseen = batch.lengths - batch.seen
    return [Encoding(ids, types, unseen=int(n)) for (ids, types), n in zip(rows, unseen, strict=True)]


def right_way(ways: Mapping[str, Way], card: ModelCard, dtype: Dtype) -> str:
    """Return the first way that gives in a batch of several lengths what each input gives alone.

    The last way is the one that is right if any is. Raises `CheckpointError` for rows of another shape than
    config.json says.
    """
    encodings = sample(card)
    *tried, last = ways
    truth = alone(ways[last], encodings)
    check_shape(truth, card, encodings)
    for name in tried:
        try:
            rows = ways[name](Batch.of(encodings))
        except Exception as error:  # whatever a library raises for what it cannot do
            log.debug("%s: not %s: %s", card.name, name, error)
            continue
        if close(rows, truth, ALLOWED[dtype]):
            return name
    return last


def sample(card: ModelCard) -> list[Encoding]:
    """Return inputs of several lengths, of ids from anywhere in the vocabulary but padding's."""
    random, encodings = np.random.default_rng(0), []
    for length in LENGTHS:
        ids = random.integers(0, card.network.vocab_size - 1, min(length, card.max_length)).astype(np.int32)
        ids += ids >= card.pad_id
        encodings.append(Encoding(ids, np.zeros_like(ids)))
    return encodings


def alone(way: Way, encodings: Iterable[Encoding]) -> Rows:
    """Return what each input gives when nothing is beside it."""
    return np.concatenate([way(Batch.of([one])) for one in encodings])


def check_shape(rows: Rows, card: ModelCard, encodings: list[Encoding]) -> None:
    """Raise `CheckpointError` where the network is not what config.json says."""
    size = card.head.given or card.network.hidden_size
    count = len(encodings) if card.head.output == "logits" else sum(map(len, encodings))
    if rows.shape != (count, size):
        raise CheckpointError(
            f"{card.path}: the network gives rows of shape {list(rows.shape)}, config.json asks for "
            f"{[count, size]}: they are not of one checkpoint"
        )


def close(rows: Rows, truth: Rows, allowed: float) -> bool:
    """Whether no value is farther from the truth than allowed."""
    if rows.shape != truth.shape:
        return False
    return bool(np.abs(rows - truth).max() <= allowed * max(1.0, float(np.abs(truth).max())))
