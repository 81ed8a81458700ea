"""What a network computes, as a tree of small frozen variants.

A family reads config.json into an `Arch`; emitters turn any `Arch` into something that runs. Neither
asks which family it is: every difference between families is a value in this tree. Sizes are in
units of one element, tables in rows.
"""

from dataclasses import dataclass
from typing import Literal

# log1p_relu is log(1 + max(0, x)), SPLADE's (Formal et al. 2021, arXiv 2109.10086)
Activation = Literal["identity", "gelu", "gelu_tanh", "relu", "silu", "tanh", "log1p_relu"]
# weighted-mean counts token i (from 1) i times; mean-sqrt divides the sum by the root of the count
Pooling = Literal["cls", "mean", "last-token", "max", "weighted-mean", "mean-sqrt"]
# What a session can give. For each input: one vector, scores of labels, or a weight for every token of the
# vocabulary. For each token: its state, its vector for late interaction, its weight, or scores of labels.
Output = Literal["embedding", "logits", "sparse", "tokens", "vectors", "weights", "token_logits"]
PER_TOKEN: frozenset[Output] = frozenset({"tokens", "vectors", "weights", "token_logits"})


@dataclass(frozen=True, slots=True)
class LayerNorm:
    """Subtract the mean, divide by the deviation, scale, and shift where there is a bias."""

    eps: float
    bias: bool = True


@dataclass(frozen=True, slots=True)
class RMSNorm:
    """Divide by the root mean square and scale (Zhang and Sennrich 2019, arXiv 1910.07467).

    `unit_offset`: the scale is 1 + weight, as Gemma stores it.
    """

    eps: float
    unit_offset: bool = False


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
class Linear:
    """Every pair turns slower by `factor`."""

    factor: float


@dataclass(frozen=True, slots=True)
class Ntk:
    """Alibaba GTE's stretch: pair i of d / 2 turns (theta * factor) ** (-2i / d) / factor ** (2 / d)."""

    factor: float


@dataclass(frozen=True, slots=True)
class OwnLength:
    """Texts longer than `trained_positions` turn slower, by their own length (NomicBERT's dynamic scaling).

    theta * (factor * length / trained - (factor - 1)) ** (d / (d - 2)) takes theta's place.
    """

    factor: float
    trained_positions: int


Stretch = Llama3 | Linear | Ntk | OwnLength


@dataclass(frozen=True, slots=True)
class Rotary:
    """Rotation of each query and key by its position, halves paired (Su et al. 2021, arXiv 2104.09864)."""

    theta: float
    stretch: Stretch | None = None


@dataclass(frozen=True, slots=True)
class Alibi:
    """A penalty on scores that grows with distance, by a slope of each head (Press et al. 2021, arXiv
    2108.12409)."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """A learned bias on scores for each head and bucket of signed distance.

    Raffel et al. 2019, arXiv 1910.10683. The table `relative.weight` (count, heads) is shared by all layers.
    """

    count: int
    max_distance: int


@dataclass(frozen=True, slots=True)
class Disentangled:
    """Scores of content against relative position and back (He et al. 2020, arXiv 2006.03654).

    `relative.weight` (2 * span, hidden) is shared by all layers. Distances beyond a half of `buckets` fall
    into buckets of growing size up to `max_distance`; 0 buckets: each distance has its own row.
    """

    span: int
    buckets: int
    max_distance: int
    content_to_position: bool
    position_to_content: bool
    shared_projections: bool
    norm: LayerNorm | None


Position = Rotary | Alibi | Buckets | Disentangled


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

    Without pooling the output has a row for each token. `given`: the network itself gives the output, in
    rows of this size, and nothing is added to it.
    """

    output: Output
    pooling: Pooling | None
    dense: tuple[Dense, ...] = ()
    token_dense: tuple[Dense, ...] = ()
    activation: Activation = "identity"
    given: int | None = None

    @property
    def layers(self) -> tuple[Dense, ...]:
        """All dense layers in the order in which they run."""
        return self.token_dense + self.dense

    def width(self, hidden_size: int) -> int:
        """Return the size of a row."""
        if self.given is not None:
            return self.given
        return self.layers[-1].out_size if self.layers else hidden_size
