"""How inputs over a limit are treated: what a request says of it, and the limit that follows."""

from dataclasses import dataclass

from vectord.core import ModelCard, Side


@dataclass(frozen=True, slots=True)
class Truncation:
    """What becomes of an input over the limit; None leaves it to the server and the checkpoint.

    `allowed` is whether it is cut or refused, `side` what is lost, `tokens` a limit below the model's,
    special tokens included. Of a query and of a document that are compared, `query_tokens` and
    `document_tokens` are left before that, without special tokens.
    """

    allowed: bool | None = None
    side: Side | None = None
    tokens: int | None = None
    query_tokens: int | None = None
    document_tokens: int | None = None

    def limit(self, card: ModelCard) -> int:
        """Return the most tokens of an input."""
        return card.max_length if self.tokens is None else min(self.tokens, card.max_length)


AS_SET = Truncation()
