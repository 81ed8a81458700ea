"""Which variant of a graph is asked of the emitter; here, since asking must not import onnx."""

from dataclasses import dataclass
from typing import Literal

# float: in float32, from weights as they are stored. integer: 8-bit weights and rows, in operators of ONNX
# Runtime. compressed: 8-bit weights, for a runtime that quantises the rows itself.
Linear = Literal["float", "integer", "compressed"]


@dataclass(frozen=True, slots=True)
class Form:
    """Which variant of a graph to emit.

    `masked`: inputs may be padded on the right, and `lengths` (inputs,) says how long each is. Attention
    alone runs on padded inputs, all else on the tokens: `places` (tokens,) says where in (inputs * width)
    each token stands, `token_at` (inputs * width,) which token stands there, any for padding. Without it
    every input fills its row.
    `token_types`: the graph reads `type_ids`; without it every token is of type 0, folded into the weights.
    `unseen`: inputs may end in tokens that no token sees, `lengths` being that of the others.
    `weights_as_inputs`: parameters are graph inputs, for a runtime that ties them to memory after reading
    the graph; otherwise they are initializers to be supplied in memory.
    `at_once`: inputs longer than so many tokens are attended block by block, in memory that grows with
    their length and not its square; None: never, for a runtime that keeps no scores by itself.
    `linear` is how linear maps of the layers are computed; embeddings, norms, softmax and heads stay float.
    """

    masked: bool
    token_types: bool = False
    unseen: bool = False
    weights_as_inputs: bool = False
    at_once: int | None = None
    linear: Linear = "float"
