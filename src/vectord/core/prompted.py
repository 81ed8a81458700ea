"""How a language model is asked whether a document answers a query."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PairPrompt:
    """The text of a pair: `before`, then `pair`, then `after`.

    `pair` holds {instruction}, {query} and {document}; only it is cut to the model's limit.
    `instruction` is the one of requests that give none.
    """

    before: str
    pair: str
    after: str
    instruction: str

    def text(self, query: str, document: str, instruction: str | None = None) -> str:
        """Return what stands between `before` and `after`."""
        return self.pair.format(
            instruction=self.instruction if instruction is None else instruction,
            query=query,
            document=document,
        )
