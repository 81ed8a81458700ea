"""Attention with softly capped scores, which the fused kernels cannot express."""

import torch

from vectord.core import Mask

from .attend import BLOCK, Dense, reach, visible


def capped(mask: Mask, scale: float, softcap: float) -> Dense:
    """Scores become softcap * tanh(score / softcap) before the mask.

    A block of queries at a time, so that memory grows with the length and not its square.
    """
    before, after = reach(mask)

    def block(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, first: int) -> torch.Tensor:
        places = torch.arange(q.shape[2], device=q.device)
        low, stop = max(first - before, 0), min(first + BLOCK + after, k.shape[2])
        # a key head belongs to a group of query heads
        grouped = q[:, :, first : first + BLOCK].unflatten(1, (k.shape[1], -1)) * (scale / softcap)
        scores = softcap * torch.tanh((grouped @ k[:, :, None, low:stop].transpose(-1, -2)).float())
        seen = visible(mask, places[first : first + BLOCK], places[low:stop])
        hidden = torch.finfo(scores.dtype).min
        weights = (scores if seen is None else scores.masked_fill(~seen, hidden)).softmax(-1)
        return (weights.to(v.dtype) @ v[:, :, None, low:stop]).flatten(1, 2)

    def run(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        return torch.cat([block(q, k, v, first) for first in range(0, q.shape[2], BLOCK)], dim=2)

    return run
