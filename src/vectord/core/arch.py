"""What a network computes, as a tree of small frozen variants.

A family reads config.json into an `Arch`; emitters turn any `Arch` into something that runs. Neither
asks which family it is: every difference between families is a value in this tree. Sizes are in
units of one element, tables in rows.
"""

from dataclasses import dataclass
from typing import Literal

Activation = Literal["identity", "gelu", "gelu_tanh", "relu", "silu", "tanh"]
Pooling = Literal["cls", "mean", "last-token"]


@dataclass(frozen=True, slots=True)
class LayerNorm:
    """Subtract the mean, divide by the deviation, scale, and shift where there is a bias."""

    eps: float
    bias: bool = True


@dataclass(frozen=True, slots=True)
class RMSNorm:
    """Divide by the root mean square and scale (Zhang and Sennrich 2019, arXiv 1910.07467)."""

    eps: float


Norm = LayerNorm | RMSNorm


@dataclass(frozen=True, slots=True)
class Learned:
    """A table of position vectors, added to the word vectors; token i reads row i + `offset`."""

    rows: int
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Llama3:
    """Slower turning by `factor` of pairs that turn less than `low` times in `original_positions`.

    Those that turn more than `high` times keep their rate; between the two it is blended.
    """

    factor: float
    low: float
    high: float
    original_positions: int


@dataclass(frozen=True, slots=True)
class Rotary:
    """Rotation of each query and key by its position, halves paired (Su et al. 2021, arXiv 2104.09864)."""

    theta: float
    stretch: Llama3 | None = None


@dataclass(frozen=True, slots=True)
class Full:
    """Every token sees every token of its own input."""


@dataclass(frozen=True, slots=True)
class Causal:
    """A token sees itself and what stands before it."""


@dataclass(frozen=True, slots=True)
class Window:
    """A token sees at most `before` tokens before it and `after` tokens after it."""

    before: int
    after: int


Mask = Full | Causal | Window


@dataclass(frozen=True, slots=True)
class Plain:
    """down(activation(up(x)))."""

    inner_size: int
    activation: Activation
    bias: bool


@dataclass(frozen=True, slots=True)
class Gated:
    """down(activation(gate(x)) * up(x)) (Shazeer 2020, arXiv 2002.05202)."""

    inner_size: int
    activation: Activation
    bias: bool


Mlp = Plain | Gated


@dataclass(frozen=True, slots=True)
class PostNorm:
    """x = norm(x + sublayer(x))."""


@dataclass(frozen=True, slots=True)
class PreNorm:
    """x = x + sublayer(norm(x))."""


Wiring = PostNorm | PreNorm


@dataclass(frozen=True, slots=True)
class Attention:
    """Multi-head attention; `kv_heads` < `heads` shares each key and value head among a group."""

    heads: int
    kv_heads: int
    head_size: int
    bias: bool
    out_bias: bool
    mask: Mask
    qk_norm: Norm | None = None
    position: Rotary | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One transformer block; a norm that is None is the identity."""

    attention: Attention
    mlp: Mlp
    wiring: Wiring
    attention_norm: Norm | None
    mlp_norm: Norm | None


@dataclass(frozen=True, slots=True)
class Embedding:
    """Word vectors, plus positions and token types where there are any, then a norm."""

    vocab_size: int
    position: Learned | None = None
    token_types: int = 0
    norm: Norm | None = None


@dataclass(frozen=True, slots=True)
class Arch:
    """The network of one checkpoint, up to its token states."""

    hidden_size: int
    embedding: Embedding
    layers: tuple[Layer, ...]
    final_norm: Norm | None
    max_positions: int


@dataclass(frozen=True, slots=True)
class Dense:
    """norm(activation(x @ weight.T + bias)), from `in_size` to `out_size`."""

    name: str
    in_size: int
    out_size: int
    bias: bool
    activation: Activation
    norm: Norm | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Token states to one row per input: pooled, then through the dense layers in order.

    `output` names the row: `embedding` or `logits`.
    """

    output: Literal["embedding", "logits"]
    pooling: Pooling
    dense: tuple[Dense, ...] = ()

    def width(self, hidden_size: int) -> int:
        """Return the size of the row."""
        return self.dense[-1].out_size if self.dense else hidden_size
