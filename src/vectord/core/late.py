"""How ColBERT models mark, fill and skip tokens (Khattab and Zaharia 2020, arXiv 2004.12832)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LateInteraction:
    """Queries and documents of a model whose score is a sum of maximal similarities of their tokens.

    A marker stands after the first special token, unless it is None. Queries are cut at `query_length`
    tokens and documents at `document_length`, markers included; both are None where the model makes no
    difference. Queries are filled with `fill_id` up to `fill_length` tokens (0: not at all); `fill_seen`
    is whether other tokens attend to the fill. Vectors of `skipped` ids are left out of documents, and of
    `first_token` of both where it is False.
    """

    query_marker: int | None = None
    document_marker: int | None = None
    query_length: int | None = None
    document_length: int | None = None
    fill_length: int = 0
    fill_id: int = 0
    fill_seen: bool = False
    skipped: frozenset[int] = frozenset()
    first_token: bool = True

    @property
    def fills_unseen(self) -> bool:
        """Whether inputs may end in tokens that no token sees."""
        return self.fill_length > 0 and not self.fill_seen
