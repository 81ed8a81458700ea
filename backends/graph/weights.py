"""The arrays that an emitted graph's parameters are tied to."""

import numpy as np
from numpy.typing import NDArray

from vectord.core import Batch, ModelCard
from vectord.models.weights import float32

from .form import Graph

Feed = dict[str, NDArray[np.int32]]


def arrays(graph: Graph) -> dict[str, NDArray[np.float32]]:
    """Return each parameter as float32: a view of the mapped file where it is stored so and whole."""
    return {name: stacked([float32(part) for part in parts]) for name, parts in graph.weights.items()}


def stacked(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return parts stacked by rows; one alone is not copied."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def feed(batch: Batch, card: ModelCard, step: int) -> Feed:
    """Return a masked graph's inputs, padded on the right to a multiple of `step` tokens.

    Few distinct widths mean few shapes that a runtime has to plan for.
    """
    width = min(-(-batch.longest // step) * step, max(card.max_length, batch.longest))
    inputs = {"token_ids": batch.padded(batch.token_ids, card.pad_id, width), "lengths": batch.lengths}
    if reads_types(card):
        inputs["type_ids"] = batch.padded(batch.type_ids, 0, width)
    return inputs


def reads_types(card: ModelCard) -> bool:
    """Whether token types can differ: only pairs have a second one."""
    return card.arch.embedding.token_types > 1 and card.head.output == "logits"
