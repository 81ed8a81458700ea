"""A batch as the inputs of an emitted graph."""

import numpy as np
from numpy.typing import NDArray

from vectord.core import Batch, ModelCard, padded_length

Feed = dict[str, NDArray[np.int32]]


def feed(batch: Batch, card: ModelCard, step: int) -> Feed:
    """Return a masked graph's inputs, padded on the right to `padded_length` in steps of `step`.

    Few distinct widths mean few shapes that a runtime has to plan for.
    """
    width = min(padded_length(batch.longest, step), max(card.max_length, batch.longest))
    inputs = {"token_ids": batch.padded(batch.token_ids, card.pad_id, width), "lengths": batch.lengths}
    if reads_types(card):
        inputs["type_ids"] = batch.padded(batch.type_ids, 0, width)
    return inputs


def reads_types(card: ModelCard) -> bool:
    """Whether token types can differ: only pairs have a second one."""
    return card.arch.embedding.token_types > 1 and card.head.output == "logits"
