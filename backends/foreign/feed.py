"""A batch as the inputs of a network in a file, by the names and types that the file declares."""

import numpy as np
from numpy.typing import NDArray

from vectord.core import Batch, Ids, ModelCard, OwnFile

from .fit import INPUTS, called

Feed = dict[str, NDArray[np.integer]]


def feed(batch: Batch, width: int, file: OwnFile, card: ModelCard) -> Feed:
    """Return the inputs of a file, (inputs, width), padded on the right."""
    named = ((called(port, INPUTS), port.dtype) for port in file.inputs)
    return {name: filled(name, batch, width, card).astype(dtype) for name, dtype in named if name is not None}


def filled(name: str, batch: Batch, width: int, card: ModelCard) -> Ids:
    """Return one input."""
    match name:
        case "input_ids":
            return batch.padded(batch.token_ids, card.pad_id, width)
        case "token_type_ids" if card.network.token_types > 1:
            return batch.padded(batch.type_ids, 0, width)
        case "token_type_ids":
            return np.zeros((len(batch), width), np.int32)
        case "attention_mask":
            return (np.arange(width) < batch.seen[:, None]).astype(np.int32)
        case "position_ids":
            return np.tile(np.arange(width, dtype=np.int32), (len(batch), 1))
        case _:
            raise ValueError(f"nothing is known to be given as {name}")
