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
    x = b.op("Gather", b.weight("embedding.word.weight"), token_ids)
    x = adapting.rows(x, token_ids, "embedding.word")
    if embedding.scale != 1:
        x = b.op("Mul", x, b.scalar(embedding.scale))
    if embedding.position is not None:
        offset = embedding.position.offset
        rows = b.op("Add", shape.steps, b.ints(offset)) if offset else shape.steps
        x = b.op("Add", x, b.op("Gather", b.weight("embedding.position.weight"), rows))
    if embedding.token_types:
        table = b.weight("embedding.token_type.weight")
        none = b.constant(np.zeros((1, 1), np.int64))
        types = b.input("type_ids", ["inputs", "width"]) if b.form.token_types else none
        x = b.op("Add", x, adapting.rows(b.op("Gather", table, types), types, "embedding.token_type"))
    return emit_norm(b, x, embedding.norm, "embedding.norm")
