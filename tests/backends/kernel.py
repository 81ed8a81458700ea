"""A stand-in on CPUs for torch's variable-length attention, of which there are kernels for CUDA alone."""

import inspect
from itertools import pairwise
from typing import Any

import torch
from torch.nn.attention.varlen import varlen_attn

VARLEN = inspect.signature(varlen_attn)


def stand_in(**given: Any) -> torch.Tensor:
    """Attend as torch's documentation says; like the kernel, it reads from the tensors where inputs begin."""
    VARLEN.bind(**given)
    query, key, value = (given[name] for name in ("query", "key", "value"))
    left, right = (reach if reach >= 0 else 10**6 for reach in given["window_size"])
    scale = given["scale"] or query.shape[-1] ** -0.5
    assert given["enable_gqa"] == (query.shape[1] != key.shape[1])
    starts = zip(pairwise(given["cu_seq_q"].tolist()), pairwise(given["cu_seq_k"].tolist()), strict=True)
    parts = []
    for (first, last), (first_key, last_key) in starts:
        assert 0 < last - first <= given["max_q"]
        assert 0 < last_key - first_key <= given["max_k"]
        q, k, v = query[first:last], key[first_key:last_key], value[first_key:last_key]
        k, v = (x.repeat_interleave(q.shape[1] // k.shape[1], 1) for x in (k, v))
        distance = torch.arange(len(k)) - torch.arange(len(q))[:, None]
        scores = torch.einsum("qhd,khd->hqk", q, k) * scale
        scores = scores.masked_fill(~((-left <= distance) & (distance <= right)), -torch.inf)
        parts.append(torch.einsum("hqk,khd->qhd", scores.softmax(-1), v))
    return torch.cat(parts)


vars(stand_in)["__signature__"] = VARLEN  # which is asked what it takes
