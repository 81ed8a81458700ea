"""What a family declares: how its config.json becomes an `Arch`, and what its files call the parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vectord.core import Arch, Head

from ..config import Config


@dataclass(frozen=True, slots=True)
class Rows:
    """One of `of` equal runs of rows in a tensor that holds several parameters."""

    name: str
    part: int
    of: int


HeadReader = Callable[[Config], Head]


@dataclass(frozen=True, slots=True)
class Family:
    """An architecture, declared once.

    `names` maps parameter stems (`layers.{i}.query`, see `vectord.models.parameters`) to stored stems;
    a stored name may carry any one of `prefixes`. `classifier` reads the head of the family's
    `*ForSequenceClassification`; None where none is declared.
    """

    name: str
    model_type: str
    arch: Callable[[Config], Arch]
    names: Mapping[str, str | Rows]
    prefixes: tuple[str, ...] = ("",)
    classifier: HeadReader | None = None
    examples: tuple[str, ...] = ()
