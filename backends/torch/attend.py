"""Attention inside each input of a packed row: by scaled dot product calls, or by one CUDA kernel."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch.nn.attention.varlen import varlen_attn

from vectord.core import Causal, Full, Mask, Window

from .packed import Packed

# queries, keys and values are (tokens, heads, head_size); the answer is like the queries
Attend = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, Packed], torch.Tensor]

# queries that a windowed layer takes at once, so that its cost grows with the length and not its square,
# and one with a bias, so that its memory does
BLOCK = 128


def varlen(mask: Mask) -> Attend:
    """One call for the whole row: flash attention, so half precisions on CUDA from Ampere on."""
    window = _window_size(mask)

    def run(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, packed: Packed) -> torch.Tensor:
        if packed.keys is not None:
            k, v = k[packed.keys], v[packed.keys]
        out: torch.Tensor = varlen_attn(
            query=q,
            key=k,
            value=v,
            cu_seq_q=packed.bounds,
            cu_seq_k=packed.key_bounds,
            max_q=packed.longest,
            max_k=packed.most_keys,
            window_size=window,
            enable_gqa=q.shape[1] != k.shape[1],
        )
        return out

    return run


def varlen_fits(device: torch.device, dtype: torch.dtype, head_size: int) -> bool:
    """Whether the flash kernel behind `varlen` takes these."""
    if device.type != "cuda" or dtype == torch.float32:
        return False
    return torch.cuda.get_device_capability(device) >= (8, 0) and head_size % 8 == 0 and head_size <= 256


def _window_size(mask: Mask) -> tuple[int, int]:
    """Return how far a token sees to the left and to the right; -1 is without end."""
    match mask:
        case Full():
            return (-1, -1)
        case Causal():
            return (-1, 0)
        case Window(before, after):
            return (before, after)


def by_length(mask: Mask, bias: torch.Tensor | None = None) -> Attend:
    """One call for each run of equal lengths: on CPUs faster than any padding or nested tensor.

    `bias` is added to the scores by head and signed distance, (heads, 2 * positions - 1).
    """
    attend = _dense(mask) if bias is None else _biased(mask, bias)

    def run(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, packed: Packed) -> torch.Tensor:
        out = torch.empty_like(q)
        for part in packed.runs:
            shape = (part.count, part.length, -1, q.shape[-1])
            queries, keys, values = (x[part.start : part.stop].view(shape).transpose(1, 2) for x in (q, k, v))
            seen = attend(queries, keys[:, :, : part.seen], values[:, :, : part.seen])
            out[part.start : part.stop].view(shape).copy_(seen.transpose(1, 2))
        return out

    return run


# queries, keys and values are (inputs, heads, length, head_size)
Dense = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def _dense(mask: Mask) -> Dense:
    match mask:
        case Full():
            return _full
        case Causal():
            return _causal
        case Window(before, after):
            return _windowed(before, after)


def _full(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, seen: torch.Tensor | None = None
) -> torch.Tensor:
    return F.scaled_dot_product_attention(q, k, v, attn_mask=seen, enable_gqa=q.shape[1] != k.shape[1])


def _causal(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=q.shape[1] != k.shape[1])


def _windowed(before: int, after: int) -> Dense:
    def block(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, first: int) -> torch.Tensor:
        places = torch.arange(q.shape[2], device=q.device)
        low = max(first - before, 0)
        queries = places[first : first + BLOCK]
        keys = places[low : min(first + BLOCK + after, k.shape[2])]
        seen = _sees(Window(before, after), keys - queries[:, None])
        stop = low + len(keys)
        return _full(q[:, :, first : first + BLOCK], k[:, :, low:stop], v[:, :, low:stop], seen)

    def run(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        if q.shape[2] <= min(before, after) + 1:
            return _full(q, k, v)
        if after == 0 and q.shape[2] <= before + 1:
            return _causal(q, k, v)
        return torch.cat([block(q, k, v, first) for first in range(0, q.shape[2], BLOCK)], dim=2)

    return run


def _sees(mask: Mask, ahead: torch.Tensor) -> torch.Tensor:
    match mask:
        case Full():
            return torch.ones_like(ahead, dtype=torch.bool)
        case Causal():
            return ahead <= 0
        case Window(before, after):
            return (ahead >= -before) & (ahead <= after)


def _biased(mask: Mask, table: torch.Tensor) -> Dense:
    middle = table.shape[1] // 2  # the column of distance 0

    def block(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, first: int) -> torch.Tensor:
        places = torch.arange(q.shape[2], device=q.device)
        queries, keys = places[first : first + BLOCK], places[: k.shape[2]]
        # the keys of query i read the table from the column of distance -i on
        bias = table.unfold(1, len(keys), 1).index_select(1, middle - queries)
        if mask != Full():
            bias = bias.masked_fill(~_sees(mask, keys - queries[:, None]), -torch.inf)
        return _full(q[:, :, first : first + BLOCK], k, v, bias[None].to(q.dtype))

    return lambda q, k, v: torch.cat([block(q, k, v, first) for first in range(0, q.shape[2], BLOCK)], dim=2)
