"""What each input's adapter adds to the tables of the embedding, and which of all products are its own."""

from collections.abc import Callable

import torch

from vectord.core import Adapters

from .packed import Packed
from .weights import Weights

# ids (tokens,) to what is added to the rows that they read
Added = Callable[[torch.Tensor, Packed], torch.Tensor | float]


def masks(adapters: Adapters | None, device: torch.device, dtype: torch.dtype) -> torch.Tensor | None:
    """Return `scale` in the columns of each adapter's own products, else 0: (count + 1, count * rank).

    The last row, which -1 reads, is that of no adapter.
    """
    if adapters is None:
        return None
    count = len(adapters.names)
    own = torch.eye(count + 1, count).repeat_interleave(adapters.rank, dim=1)
    return (own * adapters.scale).to(device, dtype)


def added_rows(weights: Weights, name: str) -> Added:
    """Say what is added to the rows of a table: nothing where there are no adapters."""
    if not weights.has(f"{name}.lora_a"):
        return lambda ids, packed: 0.0
    down, up = weights.rows(f"{name}.lora_a"), weights.rows(f"{name}.lora_b").flatten(0, 1)
    return lambda ids, packed: (down[:, ids].transpose(0, 1).flatten(1) * packed.own) @ up
