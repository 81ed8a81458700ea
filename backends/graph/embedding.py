"""Token ids to the first hidden states."""

import numpy as np

from vectord.core import Embedding

from .adapters import Adapting
from .builder import Builder, Value
from .norm import emit_norm
from .shape import Shape


def emit_embedding(
    b: Builder, token_ids: Value, embedding: Embedding, shape: Shape, adapting: Adapting
) -> Value:
    """Return word vectors plus what else the embedding adds, normed: (inputs, width, hidden)."""
    x = adapting.rows(b.rows("embedding.word.weight", token_ids), token_ids, "embedding.word")
    if embedding.scale != 1:
        x = b.op("Mul", x, b.scalar(embedding.scale))
    if embedding.position is not None:
        offset = embedding.position.offset
        rows = b.op("Add", shape.steps, b.ints(offset)) if offset else shape.steps
        x = b.op("Add", x, b.rows("embedding.position.weight", rows))
    if embedding.token_types:
        none = b.constant(np.zeros((1, 1), np.int64))
        types = b.input("type_ids", ["inputs", "width"]) if b.form.token_types else none
        read = b.rows("embedding.token_type.weight", types)
        x = b.op("Add", x, adapting.rows(read, types, "embedding.token_type"))
    return emit_norm(b, x, embedding.norm, "embedding.norm")
