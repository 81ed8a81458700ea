"""A card with all that is needed to run it."""

from dataclasses import dataclass

from vectord.core import Bid, ModelCard, Session, Tokenizer


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory: `session` runs it as `bid` said."""

    card: ModelCard
    tokenizer: Tokenizer
    backend: str
    bid: Bid
    session: Session
