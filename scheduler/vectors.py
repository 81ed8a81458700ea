"""What a model's pieces become: shorter vectors, sparse vectors, token vectors that count."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vectord.core import Encoding, Output, Task
from vectord.errors import InvalidRequest

from .late import kept
from .lexical import lexical
from .pieces import Pieces, Sparse, token_rows
from .prompt import Role
from .rows import cut, layer_norm, unit
from .served import Served

Array = NDArray[np.float32]
Kind = Literal["dense", "sparse", "token_vectors"]
# what a model must be able to do that gives a kind
TASKS: dict[Kind, Task] = {"dense": "embed", "sparse": "sparse", "token_vectors": "embed_all"}
OUTPUTS: dict[Kind, tuple[Output, ...]] = {
    "dense": ("embedding",),
    "sparse": ("sparse", "weights"),
    "token_vectors": ("vectors", "tokens"),
}


def output_of(served: Served, kind: Kind) -> Output:
    """Return the output that gives a kind of vectors. Raises `InvalidRequest` where the model has none."""
    for output in OUTPUTS[kind]:
        if output in served.card.outputs:
            return output
    known = ", ".join(name for name, outputs in OUTPUTS.items() if served.card.outputs.intersection(outputs))
    raise InvalidRequest(f"{served.name} gives no {kind} vectors; it gives {known}", param="outputs")


class Form(NamedTuple):
    """How vectors leave: in how many dimensions, and whether as unit vectors."""

    dimensions: int
    normalized: bool


def formed(pooled: Array, served: Served, form: Form) -> Array:
    """Return vectors, (inputs, width), in a form."""
    vectors = shortened(pooled, served, form.dimensions)
    return unit(vectors) if form.normalized else vectors


def shortened(vectors: Array, served: Served, dimensions: int) -> Array:
    """Return the first `dimensions` of each vector, as the model was trained to be cut."""
    if dimensions == served.card.width:
        return vectors
    return cut(layer_norm(vectors) if served.card.norm_before_cut else vectors, dimensions)


def sparse_vectors(served: Served, encodings: Sequence[Encoding], found: Sequence[Pieces]) -> list[Sparse]:
    """Return the weights by token id: of the whole vocabulary (SPLADE), or of the text's own tokens."""
    special = served.card.special_ids
    vectors = []
    for encoding, pieces in zip(encodings, found, strict=True):
        whole = pieces.get("sparse")
        if isinstance(whole, Sparse):
            vectors.append(whole)
        else:
            [weights] = token_rows([pieces], "weights")
            vectors.append(lexical(weights, encoding.token_ids, special))
    return vectors


def token_vectors(
    served: Served, encodings: Sequence[Encoding], found: Sequence[Pieces], role: Role
) -> list[Array]:
    """Return each input's token vectors: unit vectors of those that count, or the network's own states."""
    late = served.card.late
    if late is None or "vectors" not in served.card.outputs:
        return token_rows(found, "tokens")
    return [
        kept(vectors, encoding.token_ids, late, role)
        for encoding, vectors in zip(encodings, token_rows(found, "vectors"), strict=True)
    ]
