"""What bge-m3 adds to its embedding: a weight and a vector for every token, from the same pass."""

from vectord.core import Dense, Head, StoredTensor

from .checkpoint import Checkpoint
from .torch_zip import linear_of

WEIGHTS, VECTORS = "sparse_linear.pt", "colbert_linear.pt"


def is_multi(c: Checkpoint) -> bool:
    """Whether the checkpoint has the two extra layers."""
    return (c.path / WEIGHTS).exists() and (c.path / VECTORS).exists()


def multi_heads(c: Checkpoint) -> tuple[Head, Head]:
    """Return the heads for token weights (relu) and token vectors."""
    size = c.network.hidden_size
    weight = Dense("head.weight", size, 1, bias=True, activation="relu")
    vector = Dense("head.vector", size, size, bias=True, activation="identity")
    return Head("weights", None, token_dense=(weight,)), Head("vectors", None, token_dense=(vector,))


def multi_tensors(c: Checkpoint) -> dict[str, StoredTensor]:
    """Return the parameters of both. Raises `CheckpointError`."""
    size = c.network.hidden_size
    return {
        **linear_of(c.path / WEIGHTS, "head.weight", 1, size),
        **linear_of(c.path / VECTORS, "head.vector", size, size),
    }
