"""A card with all that is needed to run it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vectord.core import Bid, ModelCard, Session, Tokenizer

from .cost import Timed


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory: `session` runs it as `bid` said.

    `reopen` makes another session like it, and `timed` has the batches that it was warmed up with.
    """

    card: ModelCard
    tokenizer: Tokenizer
    backend: str
    bid: Bid
    session: Session
    reopen: Callable[[], Session] | None = None
    timed: Sequence[Timed] = ()
