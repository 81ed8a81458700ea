"""What the emitter gives."""

from collections.abc import Mapping
from dataclasses import dataclass

import onnx

from vectord.core import StoredTensor

OPSET = 20  # Gelu came with 20; both runtimes read it


@dataclass(frozen=True, slots=True)
class Graph:
    """An emitted model and where its parameters lie: each a run of stored tensors, stacked by rows.

    `weights` are given as they are stored, `quantised` ones by name as `quantise` makes them.

    Inputs: `token_ids` (inputs, width) int32, `lengths` (inputs,) int32 where masked, `type_ids` like
    `token_ids` where asked for, and for the n-th kind of rotation by own length `cos_n` and `sin_n`
    (inputs, width, head size) float32. An output for each head, by its name: float32, (inputs, size) where
    it is pooled, else (inputs, width, size).
    """

    model: onnx.ModelProto
    weights: Mapping[str, tuple[StoredTensor, ...]]
    quantised: Mapping[str, tuple[StoredTensor, ...]]
