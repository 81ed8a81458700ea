"""How a network knows where a token stands."""

from dataclasses import dataclass

from .norm import LayerNorm


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
