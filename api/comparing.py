"""What requests that compare a query with documents say beside them."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from vectord.scheduler import Truncation

from .options import Truncated

Count = Annotated[int, Field(ge=0)]


class Comparing(Truncated):
    """How to compare, and what is left of what is compared.

    `max_tokens_per_query` and `max_tokens_per_doc` are left of each query and document before they are put
    together; null and 0 mean no such limit. `raw_scores`, or `use_activation` false, leaves scores as the
    model gives them. `instruction` takes the place of a language model's own.
    """

    model: str | None = None
    raw_scores: bool | None = None
    use_activation: bool | None = None
    instruction: str | None = None
    max_tokens_per_query: Count | None = None
    max_tokens_per_doc: Count | None = None

    def raw(self) -> bool:
        """Return whether scores stay as the model gives them."""
        return bool(self.raw_scores) or self.use_activation is False

    def limits(self) -> Truncation:
        """Return what becomes of what is too long."""
        queries, documents = self.max_tokens_per_query or None, self.max_tokens_per_doc or None
        return replace(self.truncated(), query_tokens=queries, document_tokens=documents)
