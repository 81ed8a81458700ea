"""A model without a network: what scheduler tests run."""

from collections.abc import Callable, Collection, Sequence
from itertools import count
from pathlib import Path
from threading import Event

import numpy as np

from vectord.core import (
    Arch,
    Arrays,
    Batch,
    Bid,
    Embedding,
    Encoding,
    Head,
    Ids,
    ModelCard,
    Output,
    Shortened,
    Side,
    SimpleToken,
    Spanned,
    Task,
    Token,
)
from vectord.scheduler import CoreBudget, Engine, Finished, Limits, Loaded, Policy, Replica, Served

WIDTH = 4
NUMBERS = count(1)


def encoding(length: int, mark: int = 1) -> Encoding:
    """Return an encoding whose first id tells it from others; the rest of it is like no other's."""
    ids = np.full(length, next(NUMBERS), np.int32)
    ids[0] = mark
    return Encoding(ids, np.zeros_like(ids))


class FakeTokenizer:
    """One token a character, the character's code; a text of `#` and digits is that many tokens."""

    def encode(self, texts: list[str], max_length: int, side: Side | None = None) -> list[Encoding]:
        return [self.wrap(np.array([ord(c) for c in text], np.int32), max_length, side) for text in texts]

    def encode_pairs(
        self, query: str, texts: list[str], max_length: int, side: Side | None = None
    ) -> list[Encoding]:
        return self.encode([query + text for text in texts], max_length)

    def encode_prompted(self, before: str, texts: list[str], after: str, max_length: int) -> list[Encoding]:
        return self.encode([before + text + after for text in texts], max_length)

    def encode_spans(self, texts: list[str], max_length: int) -> list[Spanned]:
        return [
            Spanned(one, tuple(Token(i, c, i, i + 1, continues=False) for i, c in enumerate(text)))
            for one, text in zip(self.encode(texts, max_length), texts, strict=True)
        ]

    def shorten(self, texts: list[str], most: int, side: Side | None = None) -> list[Shortened]:
        kept = [text[-most:] if side == "left" else text[:most] for text in texts]
        return [Shortened(new, len(old) - len(new)) for old, new in zip(texts, kept, strict=True)]

    def enclose(self, token_ids: Ids) -> tuple[Encoding, int]:
        return self.wrap(token_ids, len(token_ids)), 0

    def join(self, tokens: list[str]) -> str:
        return "".join(tokens)

    def tokenize(self, texts: list[str], special_tokens: bool) -> list[list[SimpleToken]]:
        return [[SimpleToken(ord(c), c, False, i, i + 1) for i, c in enumerate(text)] for text in texts]

    def decode(self, rows: list[Ids], skip_special_tokens: bool) -> list[str]:
        return ["".join(map(chr, row)) for row in rows]

    def wrap(self, token_ids: Ids, max_length: int, side: Side | None = None) -> Encoding:
        kept = token_ids[:max_length] if side != "left" else token_ids[-max_length:]
        return Encoding(kept, np.zeros_like(kept), len(token_ids) - len(kept))


class FakeSession:
    """Gives each input its sum of ids and its length; notes the batches; may wait, fail or give NaN."""

    def __init__(self, *, gate: Event | None = None) -> None:
        self.gate = gate
        self.batches: list[Batch] = []
        self.poison: Callable[[Ids], bool] = lambda ids: False
        self.nan: Callable[[Ids], bool] = lambda ids: False
        self.started = Event()

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        self.batches.append(batch)
        self.started.set()
        if self.gate is not None:
            assert self.gate.wait(10)
        inputs = np.split(batch.token_ids, np.cumsum(batch.lengths)[:-1])
        if any(self.poison(ids) for ids in inputs):
            raise RuntimeError("poisoned")
        rows = np.array([[ids.sum(), len(ids), ids[0], 1] for ids in inputs], np.float32)
        rows[[self.nan(ids) for ids in inputs]] = np.nan
        return {name: rows if name == "embedding" else rows[:, :1] for name in outputs}

    def close(self) -> None:
        self.batches.clear()


class TokenSession(FakeSession):
    """Gives each token its id and ones, and each input their mean."""

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        self.batches.append(batch)
        states = np.ones((batch.tokens, WIDTH), np.float32)
        states[:, 0] = batch.token_ids
        parts = np.split(states, np.cumsum(batch.lengths)[:-1])
        found = {"tokens": states, "embedding": np.stack([part.mean(axis=0) for part in parts])}
        return {name: found[name] for name in outputs}


def card(name: str = "fake", tasks: tuple[Task, ...] = ("embed", "rerank"), **changes: object) -> ModelCard:
    """Return a card for the fake session."""
    values: dict[str, object] = {
        "name": name,
        "source": f"org/{name}",
        "path": Path("nowhere"),
        "revision": None,
        "fingerprint": "0",
        "family": "fake",
        "network": Arch(WIDTH, Embedding(200_000), (), None, 512),
        "heads": (Head("embedding" if "embed" in tasks else "logits", "mean"),),
        "tasks": tasks,
        "normalize": False,
        "prompts": {"query": "q: ", "document": ""},
        "default_prompt": None,
        "max_length": 512,
        "pad_id": 0,
        "labels": (),
        "tensors": {},
    }
    return ModelCard(**{**values, **changes})  # type: ignore[arg-type]  # a test's own dictionary


def serve(
    session: FakeSession,
    model: ModelCard | None = None,
    *,
    runners: int = 1,
    beside: Sequence[FakeSession] = (),
    limits: Limits | None = None,
    cores: CoreBudget | None = None,
    seen: list[Finished] | None = None,
    tokenizer: FakeTokenizer | None = None,
) -> Served:
    """Put a fake model into service; `beside` are further replicas of as many runners."""
    finished = seen if seen is not None else []
    bid = Bid(1, "float32", "a fake", runners=runners)
    replicas = [Replica(one, bid) for one in (session, *beside)]
    loaded = Loaded(model or card(), tokenizer or FakeTokenizer(), "fake", bid, replicas)
    return Served.start(loaded, limits or Limits(64, 10_000), cores or CoreBudget(4), finished.append)


def engine(*served: Served, policy: Policy | None = None) -> Engine:
    """Return an engine over fakes."""
    return Engine(served, policy or Policy())
