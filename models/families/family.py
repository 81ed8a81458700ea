"""What a family declares: how its config.json becomes an `Arch`, and what its files call the parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vectord.core import Dense, Head, Network, PairPrompt

from ..config import Config


@dataclass(frozen=True, slots=True)
class Rows:
    """One of `of` equal runs of rows in a tensor that holds several parameters."""

    name: str
    part: int
    of: int


@dataclass(frozen=True, slots=True)
class Bare:
    """A tensor under this very name: its file puts neither weight nor bias behind it."""

    name: str


Stored = str | Rows | Bare
HeadReader = Callable[[Config], Head]
LayerReader = Callable[[Config], Dense | None]


@dataclass(frozen=True, slots=True)
class Family:
    """An architecture, declared once.

    `names` maps parameter stems (`layers.{i}.query`, see `vectord.models.parameters`) to stored stems, the
    first that is there where several are given; a stored name may carry any one of `prefixes`.
    `classifier`, `token_classifier` and `masked_lm` read the heads of the family's
    `*ForSequenceClassification`, `*ForTokenClassification` and `*ForMaskedLM`; None where none is
    declared. `projection` reads the layer through which an embedder's token states go, if there is one.
    `pair_prompt` asks its `*ForCausalLM` whether a document answers a query. `norm_before_cut`:
    vectors are layer-normed before they are cut short. Where several families share a `model_type`,
    `claims` says which configs are its own; None takes what no other claims.
    """

    name: str
    model_type: str
    arch: Callable[[Config], Network]
    names: Mapping[str, Stored | tuple[Stored, ...]]
    prefixes: tuple[str, ...] = ("",)
    classifier: HeadReader | None = None
    token_classifier: HeadReader | None = None
    masked_lm: HeadReader | None = None
    projection: LayerReader | None = None
    pair_prompt: PairPrompt | None = None
    norm_before_cut: bool = False
    examples: tuple[str, ...] = ()
    claims: Callable[[Config], bool] | None = None
