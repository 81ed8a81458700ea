"""Late interaction: encodings marked and filled, and the sum of maximal similarities (MaxSim).

Khattab and Zaharia 2020, arXiv 2004.12832.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from vectord.core import Encoding, Ids, LateInteraction, Side, Tokenizer

from .prompt import Role
from .rows import unit

Array = NDArray[np.float32]


def encode_role(
    tokenizer: Tokenizer,
    texts: list[str],
    late: LateInteraction,
    role: Role,
    limit: int,
    side: Side | None = None,
) -> list[Encoding]:
    """Encode texts as queries or as documents, with their marker and their fill."""
    marker = late.query_marker if role == "query" else late.document_marker
    most = min(limit, length_of(late, role) or limit)
    found = tokenizer.encode(texts, most - (marker is not None), side)
    if marker is not None:
        found = [marked(one, marker) for one in found]
    return [filled(one, late, most) for one in found] if role == "query" else found


def length_of(late: LateInteraction, role: Role) -> int | None:
    """Return the limit of a role in tokens, marker included."""
    return late.query_length if role == "query" else late.document_length


def marked(encoding: Encoding, marker: int) -> Encoding:
    """Return the encoding with a marker after its first token."""
    return replace(
        encoding,
        token_ids=np.insert(encoding.token_ids, 1, marker).astype(np.int32),
        type_ids=np.insert(encoding.type_ids, 1, encoding.type_ids[:1]).astype(np.int32),
    )


def filled(encoding: Encoding, late: LateInteraction, limit: int) -> Encoding:
    """Return a query filled up to the model's length."""
    missing = min(late.fill_length, limit) - len(encoding)
    if missing <= 0:
        return encoding
    return replace(
        encoding,
        token_ids=np.concatenate([encoding.token_ids, np.full(missing, late.fill_id, np.int32)]),
        type_ids=np.concatenate([encoding.type_ids, np.zeros(missing, np.int32)]),
        unseen=0 if late.fill_seen else missing,
    )


def kept(vectors: Array, token_ids: Ids, late: LateInteraction, role: Role) -> Array:
    """Return the unit vectors that count: all of a query's, a document's without skipped tokens."""
    keep = np.ones(len(token_ids), bool)
    if role == "document" and late.skipped:
        keep &= ~np.isin(token_ids, list(late.skipped))
    if not late.first_token:
        keep[0] = False
    return unit(vectors[keep])


def maxsim(query: Array, documents: Sequence[Array]) -> Array:
    """Return for each document the sum over the query's tokens of the best cosine with a document token.

    A document without tokens scores 0.
    """
    scores = [(query @ one.T).max(axis=1).sum() if len(one) else 0.0 for one in documents]
    return np.array(scores, np.float32)
