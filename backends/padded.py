"""A batch as the inputs of an emitted graph."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vectord.core import PER_TOKEN, Arrays, Batch, ModelCard, Output, padded_length
from vectord.models.rotary import by_own_length, kinds, own_angles

TOKENS_STEP = 16
Feed = dict[str, NDArray[np.int32] | NDArray[np.float32]]


def feed(batch: Batch, card: ModelCard, step: int) -> Feed:
    """Return a masked graph's inputs, padded on the right to `padded_length` in steps of `step`.

    Few distinct widths mean few shapes that a runtime has to plan for.
    """
    width = min(padded_length(batch.longest, step), max(card.max_length, batch.longest))
    inputs: Feed = {"token_ids": batch.padded(batch.token_ids, card.pad_id, width), "lengths": batch.seen}
    if reads_types(card):
        inputs["type_ids"] = batch.padded(batch.type_ids, 0, width)
    if card.arch.adapters is not None:
        inputs["adapters"] = batch.adapters
    return {**inputs, **packing(batch, width), **angles(batch, card, width)}


def packing(batch: Batch, width: int) -> Feed:
    """Return where tokens stand among padded inputs, and which token stands where (see `Form`).

    Tokens are as many as a multiple of `TOKENS_STEP`, so that there are few shapes; those over are nobody's.
    """
    real = batch.real(width)
    places = np.flatnonzero(real).astype(np.int32)
    token_at = np.zeros(real.size, np.int32)
    token_at[places] = np.arange(len(places), dtype=np.int32)
    return {"places": np.pad(places, (0, -len(places) % TOKENS_STEP)), "token_at": token_at}


def angles(batch: Batch, card: ModelCard, width: int) -> Feed:
    """Return cos and sin for each kind of rotation that no table in the graph can hold."""
    given: Feed = {}
    own = (kind for kind in kinds(card.arch.layers) if by_own_length(kind))
    for number, kind in enumerate(own):
        half = own_angles(kind, batch.lengths.tolist())
        for name, form in (("cos", np.cos(half)), ("sin", np.sin(half))):
            both = np.concatenate((form, form), axis=1, dtype=np.float32)
            given[f"{name}_{number}"] = batch.padded(both, 0, width)
    return given


def reads_types(card: ModelCard) -> bool:
    """Whether token types can differ: only pairs have a second one."""
    return card.arch.embedding.token_types > 1 and "logits" in card.outputs


def leaves_unseen(card: ModelCard) -> bool:
    """Whether inputs may end in tokens that no token sees: what fills queries."""
    return card.late is not None and card.late.fills_unseen


def answers(batch: Batch, outputs: Iterable[Output], arrays: Iterable[NDArray[np.float32]]) -> Arrays:
    """Return a graph's outputs without what padding gave."""
    return {
        name: batch.packed(array) if name in PER_TOKEN else array
        for name, array in zip(outputs, arrays, strict=True)
    }
