"""The right answers, in float32 on the CPU, by the libraries that define them, or in float64 by numpy."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from . import own
from .native import native

Rows = NDArray[np.float32]


def embeddings(path: Path, texts: Sequence[str], prompt: str | None = None) -> Rows:
    """Return what the checkpoint's modules make of the texts, normalised where they end so."""
    return _encode(_embedder(path), texts, prompt)


def pooled(path: Path, texts: Sequence[str], prompt: str | None = None) -> Rows:
    """Return the embeddings before normalisation."""
    if own.knows(path):
        return own.pooled(path, texts, prompt)
    modules = [one for one in _embedder(path) if type(one).__name__ != "Normalize"]
    return _encode(SentenceTransformer(modules=modules, device="cpu"), texts, prompt)


def logits(path: Path, inputs: Sequence[str | tuple[str, str]]) -> Rows:
    """Return a classifier's logits of pairs or single texts, one at a time: nothing is padded."""
    if own.knows(path):
        return own.logits(path, inputs)
    readable = native(path)
    model = AutoModelForSequenceClassification.from_pretrained(readable, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(readable)
    rows = []
    with torch.inference_mode():
        for one in inputs:
            sides = (one,) if isinstance(one, str) else one
            rows.append(model(**tokenizer(*sides, truncation=True, return_tensors="pt")).logits[0].numpy())
    return np.stack(rows)


@lru_cache(maxsize=8)
def _embedder(path: Path) -> SentenceTransformer:
    return SentenceTransformer(str(native(path)), device="cpu", model_kwargs={"dtype": torch.float32})


def _encode(model: SentenceTransformer, texts: Sequence[str], prompt: str | None) -> Rows:
    rows: Rows = model.encode(list(texts), prompt=prompt, convert_to_numpy=True, show_progress_bar=False)
    return rows
