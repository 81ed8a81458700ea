"""bge-m3: XLM-RoBERTa with modules, and two more layers in files that torch.save wrote."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

from . import roberta
from .layout import drawn
from .recipe import Embedder, Size


def linear(in_size: int, out_size: int, seed: int) -> dict[str, torch.Tensor]:
    """Return the state of a linear layer."""
    return {"weight": drawn(out_size, in_size, seed=seed), "bias": drawn(out_size, seed=seed + 1)}


def two_layers(out: Path, size: Size, dtype: torch.dtype) -> None:
    """Write the layers of token weights and of token vectors."""
    for name, width, seed in (("sparse_linear", 1, 2), ("colbert_linear", size.hidden, 4)):
        state = {word: tensor.to(dtype) for word, tensor in linear(size.hidden, width, seed).items()}
        torch.save(state, out / f"{name}.pt")


EMBED = replace(roberta.XLM_EMBED, embedder=Embedder("cls_token", max_length=256))
HALF = replace(EMBED, finish=partial(two_layers, dtype=torch.float16))
FULL = replace(EMBED, finish=partial(two_layers, dtype=torch.float32))
