"""What becomes of token states: the outputs that a session can give."""

from dataclasses import dataclass
from typing import Literal

from .norm import Activation, Norm

# weighted-mean counts token i (from 1) i times; mean-sqrt divides the sum by the root of the count
Pooling = Literal["cls", "mean", "last-token", "max", "weighted-mean", "mean-sqrt"]
# What a session can give. For each input: one vector, scores of labels, or a weight for every token of the
# vocabulary. For each token: its state, its vector for late interaction, its weight, or scores of labels.
Output = Literal["embedding", "logits", "sparse", "tokens", "vectors", "weights", "token_logits"]
PER_TOKEN: frozenset[Output] = frozenset({"tokens", "vectors", "weights", "token_logits"})


@dataclass(frozen=True, slots=True)
class Dense:
    """norm(activation(x @ weight.T + bias)), from `in_size` to `out_size`.

    `parts` are the names of parameters that are stacked by rows to make this one, each with as many
    rows; none: it has its own.
    """

    name: str
    in_size: int
    out_size: int
    bias: bool
    activation: Activation
    norm: Norm | None = None
    parts: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters."""
        return self.parts or (self.name,)


@dataclass(frozen=True, slots=True)
class Head:
    """Token states to one output: through `token_dense`, pooled, through `dense`, then `activation`.

    Without pooling the output has a row for each token. The last token is the last whose id is not
    `skipped`; if all are, the first. `given`: the network itself gives the output, in rows of this size,
    and nothing is added to it.
    """

    output: Output
    pooling: Pooling | None
    dense: tuple[Dense, ...] = ()
    token_dense: tuple[Dense, ...] = ()
    activation: Activation = "identity"
    given: int | None = None
    skipped: int | None = None

    @property
    def layers(self) -> tuple[Dense, ...]:
        """All dense layers in the order in which they run."""
        return self.token_dense + self.dense

    def width(self, hidden_size: int) -> int:
        """Return the size of a row."""
        if self.given is not None:
            return self.given
        return self.layers[-1].out_size if self.layers else hidden_size
