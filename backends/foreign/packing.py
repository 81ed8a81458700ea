"""Packed batches for transformers: its models call whatever attention function is registered by name.

Two functions are registered: one that attends within each input of the row, and one that makes no mask.
What the row holds is said beside the call, since not every model passes arguments on.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel

from ..torch.layout import Run
from ..torch.packed import Packed
from .ways import Unfit

NAME = "vectord_packed"


@dataclass(slots=True)
class Row:
    """What the row holds; `calls` counts how often attention was asked for."""

    packed: Packed
    calls: int = 0


ROW: ContextVar[Row] = ContextVar("row")


@contextmanager
def packing(model: PreTrainedModel, packed: Packed) -> Iterator[None]:
    """Make the model attend within each input. Raises `Unfit` where it never asked for attention."""
    row, before = Row(packed), model.config._attn_implementation
    token = ROW.set(row)
    model.set_attn_implementation(NAME)
    try:
        yield
    finally:
        model.set_attn_implementation(before)
        ROW.reset(token)
    if not row.calls:
        raise Unfit("it never calls the attention interface")


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    is_causal: bool | None = None,
    softcap: float | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attend within each input: (1, heads, tokens, size) to (1, tokens, heads, size)."""
    row = ROW.get()
    row.calls += 1
    causal = bool(getattr(module, "is_causal", True) if is_causal is None else is_causal)
    out = query.new_empty(query.shape[2], query.shape[1], value.shape[-1])
    for run in row.packed.layout.runs:
        q, (k, v) = cut(query, run), (cut(x, run)[:, :, : run.seen] for x in (key, value))
        seen = capped(q, k, v, causal, scaling, softcap) if softcap else dot(q, k, v, causal, scaling)
        out[run.start : run.stop] = seen.transpose(1, 2).flatten(0, 1)
    return out[None], None


def cut(x: torch.Tensor, run: Run) -> torch.Tensor:
    """Return the inputs of one run of (1, heads, tokens, size): (inputs, heads, length, size)."""
    part = x[0, :, run.start : run.stop]
    return part.unflatten(1, (run.count, run.length)).transpose(0, 1)


def dot(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, causal: bool, scaling: float | None
) -> torch.Tensor:
    """Return scaled dot product attention."""
    shared = q.shape[1] != k.shape[1]
    return F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scaling, enable_gqa=shared)


def capped(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, causal: bool, scaling: float | None, softcap: float
) -> torch.Tensor:
    """Return attention whose scores are softly capped: softcap * tanh(score / softcap)."""
    k, v = (x.repeat_interleave(q.shape[1] // x.shape[1], dim=1) for x in (k, v))
    scores = q @ k.transpose(2, 3) * (q.shape[-1] ** -0.5 if scaling is None else scaling)
    scores = softcap * torch.tanh(scores / softcap)
    if causal:
        later = torch.ones(scores.shape[2:], dtype=torch.bool, device=q.device).triu(1)
        scores = scores.masked_fill(later, float("-inf"))
    return scores.softmax(dim=-1, dtype=torch.float32).to(v.dtype) @ v


def no_mask(*, mask_function: Callable[..., Any], **_: Any) -> None:
    """Make no mask, if the model's own lets the last token of every input see its first.

    A window or a chunk does not, once an input is longer: `Unfit` is raised then.
    """
    packed = ROW.get().packed
    first, last = packed.bounds[:-1].long(), packed.bounds[1:].long() - 1
    if not bool(torch.as_tensor(mask_function(0, 0, last, first)).all()):
        raise Unfit("an input is longer than the model's attention reaches")


AttentionInterface.register(NAME, attend)
AttentionMaskInterface.register(NAME, no_mask)
