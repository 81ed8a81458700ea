"""Attention inside each input of a packed row: by scaled dot product calls, or by one CUDA kernel."""

import inspect
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F

try:
    from torch.nn.attention.varlen import varlen_attn
except ImportError:  # torch before 2.10
    varlen_attn = None

from vectord.core import Causal, Full, Mask, Window

from .packed import Packed
from .path import kernel_fits

# queries, keys and values are (tokens, heads, head_size); the answer is like the queries
Attend = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, Packed], torch.Tensor]
# queries, keys and values are (inputs, heads, length, head_size)
Dense = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]

# queries that a windowed layer takes at once, so that its cost grows with the length and not its square,
# and one with a bias, so that its memory does
BLOCK = 128
ENDLESS = 2**31
NEEDED = {"window_size", "scale"}  # of torch's varlen attention; those before 2.11 know neither


def varlen(mask: Mask, scale: float | None = None) -> Attend:
    """One call for the whole row: flash attention, so half precisions on CUDA from Ampere on."""
    window = tuple(-1 if one == ENDLESS else one for one in reach(mask))
    taken = known()

    def run(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, packed: Packed) -> torch.Tensor:
        if packed.keys is not None:
            k, v = k[packed.keys], v[packed.keys]
        groups = q.shape[1] // k.shape[1]
        if groups > 1 and "enable_gqa" not in taken:
            k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        grouped = {"enable_gqa": groups > 1} if "enable_gqa" in taken else {}
        out: torch.Tensor = varlen_attn(
            query=q,
            key=k,
            value=v,
            cu_seq_q=packed.bounds,
            cu_seq_k=packed.key_bounds,
            max_q=packed.layout.longest,
            max_k=packed.layout.most_keys,
            scale=scale,
            window_size=window,
            **grouped,
        )
        return out

    return run


def known() -> frozenset[str]:
    """Return what this torch's varlen attention can be told; it differs between releases."""
    return frozenset(inspect.signature(varlen_attn).parameters) if varlen_attn is not None else frozenset()


def varlen_fits(device: torch.device, dtype: torch.dtype, head_size: int) -> bool:
    """Whether the flash kernel behind `varlen` takes these."""
    if device.type != "cuda" or dtype == torch.float32 or not known() >= NEEDED:
        return False
    return kernel_fits(torch.cuda.get_device_capability(device), True, head_size)


def reach(mask: Mask) -> tuple[int, int]:
    """Return how far a token sees to the left and to the right."""
    match mask:
        case Full():
            return (ENDLESS, ENDLESS)
        case Causal():
            return (ENDLESS, 0)
        case Window(before, after):
            return (before, after)


def visible(mask: Mask, queries: torch.Tensor, keys: torch.Tensor) -> torch.Tensor | None:
    """Return bool (queries, keys) of who sees whom, by their places; None where all see all."""
    ahead = keys - queries[:, None]
    match mask:
        case Full():
            return None
        case Causal():
            return ahead <= 0
        case Window(before, after):
            return (ahead >= -before) & (ahead <= after)


def by_length(mask: Mask, bias: torch.Tensor | None = None, scale: float | None = None) -> Attend:
    """One call for each run of equal lengths: on CPUs faster than any padding or nested tensor.

    `bias` is added to the scores by head and signed distance, (heads, 2 * positions - 1).
    """
    return in_runs(_dense(mask, scale) if bias is None else _biased(mask, bias, scale))


def in_runs(attend: Dense) -> Attend:
    """Attend in each run of equal lengths at once."""

    def run(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, packed: Packed) -> torch.Tensor:
        out = torch.empty_like(q)
        for part in packed.layout.runs:
            shape = (part.count, part.length, -1, q.shape[-1])
            queries, keys, values = (x[part.start : part.stop].view(shape).transpose(1, 2) for x in (q, k, v))
            seen = attend(queries, keys[:, :, : part.seen], values[:, :, : part.seen])
            out[part.start : part.stop].view(shape).copy_(seen.transpose(1, 2))
        return out

    return run


def _dense(mask: Mask, scale: float | None) -> Dense:
    match mask:
        case Full():
            return partial(_product, scale=scale)
        case Causal():
            return partial(_product, scale=scale, causal=True)
        case Window(before, after):
            return _windowed(mask, before, after, scale)


def _product(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    seen: torch.Tensor | None = None,
    *,
    scale: float | None,
    causal: bool = False,
) -> torch.Tensor:
    grouped = q.shape[1] != k.shape[1]
    return F.scaled_dot_product_attention(
        q, k, v, attn_mask=seen, is_causal=causal, scale=scale, enable_gqa=grouped
    )


def _windowed(mask: Mask, before: int, after: int, scale: float | None) -> Dense:
    def block(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, first: int) -> torch.Tensor:
        places = torch.arange(q.shape[2], device=q.device)
        low, stop = max(first - before, 0), min(first + BLOCK + after, k.shape[2])
        seen = visible(mask, places[first : first + BLOCK], places[low:stop])
        queries = q[:, :, first : first + BLOCK]
        return _product(queries, k[:, :, low:stop], v[:, :, low:stop], seen, scale=scale)

    def run(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        if q.shape[2] <= min(before, after) + 1:
            return _product(q, k, v, scale=scale)
        if after == 0 and q.shape[2] <= before + 1:
            return _product(q, k, v, scale=scale, causal=True)
        return torch.cat([block(q, k, v, first) for first in range(0, q.shape[2], BLOCK)], dim=2)

    return run


def _biased(mask: Mask, table: torch.Tensor, scale: float | None) -> Dense:
    middle = table.shape[1] // 2  # the column of distance 0

    def block(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, first: int) -> torch.Tensor:
        last, length = min(first + BLOCK, q.shape[2]), k.shape[2]
        # query i reads the table from the column of distance -i on: from the last query to the first,
        # neighbours do so from neighbouring columns
        columns = table[:, middle - last + 1 : middle - first + length]
        bias = columns.unfold(1, length, 1).contiguous()
        places = torch.arange(q.shape[2], device=q.device)
        seen = visible(mask, places[first:last].flip(0), places[:length])
        bias = bias if seen is None else bias.masked_fill(~seen, -torch.inf)
        queries = q[:, :, first:last].flip(2)
        return _product(queries, k, v, bias[None].to(q.dtype), scale=scale).flip(2)

    return lambda q, k, v: torch.cat([block(q, k, v, first) for first in range(0, q.shape[2], BLOCK)], dim=2)
