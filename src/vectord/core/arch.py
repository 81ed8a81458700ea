"""What a network computes, as a tree of small frozen variants.

A family reads config.json into an `Arch`; emitters turn any `Arch` into something that runs. Neither
asks which family it is: every difference between families is a value in this tree. Sizes are in
units of one element, tables in rows.
"""

from dataclasses import dataclass

from .norm import Activation, Norm
from .position import Learned, Position


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
    """down(activation(gate(x)) * up(x)) (Shazeer 2020, arXiv 2002.05202); `out_bias` is down's."""

    inner_size: int
    activation: Activation
    bias: bool
    out_bias: bool


@dataclass(frozen=True, slots=True)
class Experts:
    """`top` of `count` plain MLPs for each token, weighted by a softmax over all of them; one shared bias.

    As nomic-embed-text-v2-moe computes them (Fedus et al. 2021, arXiv 2101.03961, is the idea's source).
    """

    inner_size: int
    activation: Activation
    count: int
    top: int


Mlp = Plain | Gated | Experts


@dataclass(frozen=True, slots=True)
class PostNorm:
    """x = norm(x + sublayer(x))."""


@dataclass(frozen=True, slots=True)
class PreNorm:
    """x = x + sublayer(norm(x))."""


@dataclass(frozen=True, slots=True)
class SandwichNorm:
    """x = x + norm_after(sublayer(norm(x))), as Gemma wires its blocks."""


@dataclass(frozen=True, slots=True)
class TwicePostNorm:
    """h = norm_2(x + norm(x + attention(x))); x = norm_3(h + mlp(h)): JinaBERT's code model adds x twice."""


Wiring = PostNorm | PreNorm | SandwichNorm | TwicePostNorm


@dataclass(frozen=True, slots=True)
class Attention:
    """Multi-head attention; `kv_heads` < `heads` shares each key and value head among a group.

    `qk_norm` is over each head, or over all heads of a token together where `qk_norm_whole`. Scores are
    multiplied by `scale` (None: head_size ** -0.5), then softly capped: softcap * tanh(score / softcap).
    """

    heads: int
    kv_heads: int
    head_size: int
    bias: bool
    out_bias: bool
    mask: Mask
    qk_norm: Norm | None = None
    position: Position | None = None
    qk_norm_whole: bool = False
    scale: float | None = None
    softcap: float | None = None

    @property
    def score_scale(self) -> float:
        """What the scores are multiplied by."""
        return self.head_size**-0.5 if self.scale is None else self.scale


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
    """Word vectors times `scale`, plus positions and token types where there are any, then a norm."""

    vocab_size: int
    position: Learned | None = None
    token_types: int = 0
    norm: Norm | None = None
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Adapters:
    """Low-rank additions to word vectors, token types and products (Hu et al. 2021, arXiv 2106.09685).

    There is one for each of `names`; an input names one or none. They are added to the maps of attention,
    queries, keys and values together, and to those of a plain MLP. `scale` multiplies each addition;
    `instructions` are put before texts for each of the names.
    """

    names: tuple[str, ...]
    instructions: tuple[str, ...]
    rank: int
    scale: float


@dataclass(frozen=True, slots=True)
class Arch:
    """The network of one checkpoint, up to its token states."""

    hidden_size: int
    embedding: Embedding
    layers: tuple[Layer, ...]
    final_norm: Norm | None
    max_positions: int
    adapters: Adapters | None = None

    @property
    def vocab_size(self) -> int:
        """How many token ids there are."""
        return self.embedding.vocab_size

    @property
    def token_types(self) -> int:
        """How many kinds of tokens it tells apart."""
        return self.embedding.token_types
