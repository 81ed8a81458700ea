"""A whole vectord backend: each text becomes the mean of its word vectors, with numpy alone."""

from collections.abc import Collection

import numpy as np

from vectord.core import Arrays, Backend, Batch, Bid, Hardware, ModelCard, Options, Output, Refusal, Session
from vectord.models.weights import float32
from vectord.plugins import hookimpl


class WordMean:
    """Bids below every other backend, because word order is lost."""

    name = "word-mean"

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        if "embedding.word.weight" not in card.tensors or card.head.output != "embedding" or card.head.dense:
            return Refusal("averages word vectors by our name for them; it has no scores and no dense layers")
        if options.dtype not in ("auto", "float32"):
            return Refusal(f"computes in float32, not in {options.dtype}")
        return Bid(score=1, dtype="float32", reason="averages word vectors and skips the network")

    def load(self, card: ModelCard, bid: Bid) -> Session:
        return WordMeanSession(card)


class WordMeanSession:
    def __init__(self, card: ModelCard) -> None:
        self.words = float32(card.tensors["embedding.word.weight"])

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        tokens = self.words[batch.token_ids]
        sums = np.add.reduceat(tokens, batch.bounds[:-1])
        means = (sums / batch.lengths[:, None]).astype(np.float32)
        return {name: tokens if name == "tokens" else means for name in outputs}

    def close(self) -> None:
        del self.words


@hookimpl
def register_backends() -> list[Backend]:
    return [WordMean()]
