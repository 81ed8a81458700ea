"""From a checkpoint directory to rows, on the path that the server takes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from tests.checkpoints import PAIRS, TEXTS, reference
from vectord.core import Backend, Batch, Bid, Dtype, Encoding, ModelCard, Options, Session
from vectord.hardware import detect
from vectord.models.card import read_card
from vectord.models.resolve import Reference, resolve
from vectord.models.tokenizer import FastTokenizer, load_tokenizer
from vectord.plugins import backends, load_plugins

Rows = NDArray[np.float32]
BACKENDS = ("onnx", "openvino", "torch")
# longer than the limit of some checkpoints, and than the window of every windowed layer
LONG = " ".join(TEXTS)
INPUTS = (*TEXTS, LONG)
INPUT_PAIRS = (*PAIRS, ("fox", LONG), (LONG, LONG))


class Device:
    """Where sessions are: on the CUDA device of this index, or on the CPU whatever else there is."""

    asked: int | None = None


@cache
def installed() -> dict[str, Backend]:
    return backends(load_plugins(strict=True), strict=True)


@dataclass(frozen=True, slots=True)
class Model:
    """A checkpoint with its tokenizer."""

    card: ModelCard
    tokenizer: FastTokenizer

    @classmethod
    def at(cls, path: Path) -> Self:
        asked = Reference.parse(str(path))
        card = read_card(asked.name, resolve(asked))
        return cls(card, load_tokenizer(card.path, card.network.vocab_size))

    def load(self, backend: str, dtype: Dtype = "float32", threads: int = 1) -> Session:
        chosen, device = installed()[backend], Device.asked
        hardware = detect() if device is not None else replace(detect(), cuda=())
        devices = None if device is None else (device,)
        bid = chosen.bid(self.card, hardware, Options(dtype, threads, devices=devices))
        assert isinstance(bid, Bid), bid.reason
        assert bid.dtype == dtype
        return chosen.load(self.card, bid)

    def run(self, session: Session, encodings: Sequence[Encoding]) -> Rows:
        output = self.card.head.output
        return session.run(Batch.of(encodings), [output])[output]

    def alone(self, session: Session, encodings: Sequence[Encoding]) -> Rows:
        return np.concatenate([self.run(session, [one]) for one in encodings])

    def encodings(self) -> list[Encoding]:
        """Encode inputs of one to hundreds of tokens: texts for an embedder, pairs for a classifier."""
        limit = self.card.max_length
        if self.card.head.output == "embedding":
            return self.tokenizer.encode(list(INPUTS), limit)
        return [self.tokenizer.encode_pairs(one, [other], limit)[0] for one, other in INPUT_PAIRS]

    def answers(self, dtype: Literal["float32", "bfloat16"] = "float32") -> Rows:
        """Return what the libraries that define the answers make of those inputs."""
        if self.card.head.output == "logits":
            return reference.logits(self.card.path, INPUT_PAIRS)
        return reference.pooled(self.card.path, INPUTS) if dtype == "float32" else bfloat16(self.card.path)


def bfloat16(path: Path) -> Rows:
    """Return the embeddings before normalisation as transformers computes them in bfloat16."""
    model = SentenceTransformer(str(path), device="cpu", model_kwargs={"dtype": torch.bfloat16})
    network, pooling = list(model)[:2]
    rows = []
    with torch.inference_mode():
        for text in INPUTS:
            pooled = pooling(network(network.preprocess([text])))["sentence_embedding"]
            rows.append(pooled[0].float().numpy())
    return np.stack(rows)


def cosines(one: Rows, other: Rows) -> Rows:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    found: Rows = (one * other).sum(axis=1) / lengths
    return found


def farthest(one: Rows, other: Rows) -> float:
    """Return the largest difference of two figures."""
    assert one.shape == other.shape
    return float(np.abs(one - other).max())
