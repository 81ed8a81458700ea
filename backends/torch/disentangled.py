"""Disentangled attention: scores of content against relative position and back (He et al. 2020)."""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from vectord.core import Attention, Disentangled
from vectord.models.disentangled import rows

from .attend import BLOCK, Dense
from .parts import linear, norm
from .weights import Weights

# where the queries of a block stand, and the table rows of their distances (queries, keys), to scores
Term = Callable[[slice, torch.Tensor], torch.Tensor]


def disentangled(spec: Attention, position: Disentangled, weights: Weights) -> Dense:
    """Attention with these scores added.

    A block of queries at a time, so that memory grows with the length and not its square.
    """
    prefix = "" if position.shared_projections else "position_"
    shared = weights.root
    vectors = norm(position.norm, shared, "relative_norm")(shared.exact("relative.weight"))

    def heads(name: str) -> torch.Tensor:
        flat = linear(weights, f"{prefix}{name}", bias=spec.bias)(vectors)
        return flat.view(len(vectors), spec.heads, spec.head_size).transpose(0, 1)

    keys_at = heads("key") if position.content_to_position else None
    queries_at = heads("query") if position.position_to_content else None
    farthest = position.max_distance  # all that lie farther read the same row
    table = torch.from_numpy(rows(position, torch.arange(-farthest, farthest + 1).numpy())).to(vectors.device)

    def run(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        places = torch.arange(q.shape[2], device=q.device)
        terms = [] if keys_at is None else [by_query(q * spec.score_scale @ keys_at.mT)]
        terms += [] if queries_at is None else [by_key(k * spec.score_scale @ queries_at.mT)]
        parts = []
        for first in range(0, q.shape[2], BLOCK):
            block = slice(first, first + BLOCK)
            distance = places[block, None] - places[: k.shape[2]]
            read = table[distance.clamp(-farthest, farthest) + farthest]
            more = torch.stack([term(block, read) for term in terms]).sum(0)
            parts.append(F.scaled_dot_product_attention(q[:, :, block], k, v, more, scale=spec.score_scale))
        return torch.cat(parts, dim=2)

    return run


def by_query(scores: torch.Tensor) -> Term:
    """Read what each query, (inputs, heads, length, 2 * span), gives to its distance from each key."""
    return lambda block, read: scores[:, :, block].gather(-1, read.expand(*scores.shape[:2], *read.shape))


def by_key(scores: torch.Tensor) -> Term:
    """Read what each key, (inputs, heads, length, 2 * span), gives to the distance of each query from it."""
    return lambda _, read: scores.gather(-1, read.mT.expand(*scores.shape[:2], *read.mT.shape)).mT
