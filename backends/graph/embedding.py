"""Token ids to the first hidden states."""

from vectord.core import Embedding

from .builder import Builder, Value
from .norm import emit_norm
from .shape import Shape


def emit_embedding(b: Builder, token_ids: Value, embedding: Embedding, shape: Shape) -> Value:
    """Return word vectors plus what else the embedding adds, normed: (inputs, width, hidden)."""
    x = b.rows("embedding.word.weight", token_ids)
    if embedding.scale != 1:
        x = b.op("Mul", x, b.scalar(embedding.scale))
    if embedding.position is not None:
        offset = embedding.position.offset
        rows = b.op("Add", shape.steps, b.ints(offset)) if offset else shape.steps
        x = b.op("Add", x, b.rows("embedding.position.weight", rows))
    if embedding.token_types:
        types = b.input("type_ids", ["inputs", "width"]) if b.form.token_types else b.ints(0)
        x = b.op("Add", x, b.rows("embedding.token_type.weight", types))
    return emit_norm(b, x, embedding.norm, "embedding.norm")
