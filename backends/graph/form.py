"""What is asked of the emitter, and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass

import onnx

from vectord.core import StoredTensor

OPSET = 20  # Gelu came with 20; both runtimes read it


@dataclass(frozen=True, slots=True)
class Form:
    """Which variant of a graph to emit.

    `masked`: inputs may be padded on the right, and `lengths` (inputs,) says how long each is; without
    it every input fills its row, and attention runs without a mask, which is faster.
    `token_types`: the graph reads `type_ids`; without it every token is of type 0, folded into the weights.
    `unseen`: inputs may end in tokens that no token sees, `lengths` being that of the others.
    `weights_as_inputs`: parameters are graph inputs, for a runtime that ties them to memory after reading
    the graph; otherwise they are initializers to be supplied in memory.
    `at_once`: inputs longer than so many tokens are attended block by block, in memory that grows with
    their length and not its square; None: never, for a runtime that keeps no scores by itself.
    """

    masked: bool
    token_types: bool = False
    unseen: bool = False
    weights_as_inputs: bool = False
    at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """An emitted model and where its parameters lie: each a run of stored tensors, stacked by rows.

    Inputs: `token_ids` (inputs, width) int32, `lengths` (inputs,) int32 where masked, `type_ids` like
    `token_ids` where asked for, and for the n-th kind of rotation by own length `cos_n` and `sin_n`
    (inputs, width, head size) float32. An output for each head, by its name: float32, (inputs, size) where
    it is pooled, else (inputs, width, size).
    """

    model: onnx.ModelProto
    weights: Mapping[str, tuple[StoredTensor, ...]]
