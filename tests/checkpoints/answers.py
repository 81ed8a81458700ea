"""The right answers of every other head, in float32 on the CPU, each input alone: nothing is padded.

By sentence-transformers and transformers where they know the head; bge-m3's, whose own library is not at
hand, from the states of transformers' network, in numpy and by the published formulas.
"""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from sentence_transformers import CrossEncoder, MultiVectorEncoder, SparseEncoder

from .native import native
from .reference import Rows

FLOAT32 = {"dtype": torch.float32}


@lru_cache(maxsize=4)
def loaded(path: Path, kind: str) -> tuple[Any, Any]:
    """Return transformers' model of a class, and the tokenizer."""
    made = getattr(transformers, kind).from_pretrained(native(path), **FLOAT32).eval()
    return made, transformers.AutoTokenizer.from_pretrained(native(path))


def each(path: Path, kind: str, texts: Sequence[str], limit: int) -> list[Any]:
    """Return the model's answer for each text."""
    model, tokenizer = loaded(path, kind)
    cut = {"truncation": True, "max_length": limit, "return_tensors": "pt"}
    with torch.inference_mode():
        return [model(**tokenizer(text, **cut)) for text in texts]


def states(path: Path, texts: Sequence[str], limit: int) -> list[Rows]:
    """Return the last states of each text's tokens."""
    return [one.last_hidden_state[0].numpy() for one in each(path, "AutoModel", texts, limit)]


def token_logits(path: Path, texts: Sequence[str], limit: int) -> list[Rows]:
    """Return the logits of each text's tokens."""
    kind = "AutoModelForTokenClassification"
    return [one.logits[0].numpy() for one in each(path, kind, texts, limit)]


def sparse(path: Path, texts: Sequence[str]) -> list[Rows]:
    """Return each text's weights for the whole vocabulary, (1, words)."""
    model = SparseEncoder(str(path), device="cpu", model_kwargs=FLOAT32)
    return [model.encode([text], convert_to_sparse_tensor=False).numpy() for text in texts]


def late(path: Path, queries: Sequence[str], documents: Sequence[str]) -> tuple[list[Rows], list[Rows], Rows]:
    """Return the unit vectors that count of queries and documents, and their scores (queries, documents)."""
    model = MultiVectorEncoder(str(path), device="cpu", model_kwargs=FLOAT32)
    asked = [model.encode_query(text) for text in queries]
    answers = [model.encode_document(text) for text in documents]
    scores = model.similarity(asked, answers)
    return [one.numpy() for one in asked], [one.numpy() for one in answers], scores.numpy()


def yes_against_no(path: Path, before: str, texts: Sequence[str], after: str, limit: int) -> Rows:
    """Return the logits of no and of yes after each text between two others, (texts, 2).

    The parts are tokenised apart and only the text is cut, as Qwen3-Reranker's page does it.
    """
    model, tokenizer = loaded(path, "AutoModelForCausalLM")
    words = tokenizer.convert_tokens_to_ids(["no", "yes"])
    first, last = (tokenizer(part, add_special_tokens=False)["input_ids"] for part in (before, after))
    room = limit - len(first) - len(last)
    rows = []
    with torch.inference_mode():
        for text in texts:
            ids = first + tokenizer(text, truncation=True, max_length=room)["input_ids"] + last
            rows.append(model(input_ids=torch.tensor([ids])).logits[0, -1, words].numpy())
    return np.stack(rows)


def bge_m3(path: Path, texts: Sequence[str], limit: int) -> list[dict[str, Rows]]:
    """Return bge-m3's three kinds of vectors, as FlagEmbedding has them (arXiv 2402.03216)."""
    weight, vector = (state(path / f"{name}_linear.pt") for name in ("sparse", "colbert"))
    found = []
    for rows in states(path, texts, limit):
        lexical = np.maximum(rows @ weight["weight"].T + weight["bias"], 0)
        vectors = rows @ vector["weight"].T + vector["bias"]
        found.append(
            {"dense": unit(rows[:1]), "weights": lexical, "all": vectors, "vectors": unit(vectors[1:])}
        )
    return found


def lexical(path: Path, text: str, limit: int, weights: Rows) -> dict[int, float]:
    """Return the greatest weight of each id in a text, special ones left out."""
    tokenizer = loaded(path, "AutoModel")[1]
    special = {tokenizer.cls_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id, tokenizer.unk_token_id}
    found: dict[int, float] = {}
    ids = tokenizer(text, truncation=True, max_length=limit)["input_ids"]
    for index, value in zip(ids, weights[:, 0].tolist(), strict=True):
        if index not in special and value > found.get(index, 0):
            found[index] = value
    return found


def state(file: Path) -> dict[str, NDArray[np.float32]]:
    """Return the arrays of a file that torch.save wrote; these tests wrote it."""
    return {name: tensor.float().numpy() for name, tensor in torch.load(file, weights_only=True).items()}


def unit(rows: Rows) -> Rows:
    """Return each row with the length one."""
    scaled: Rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def entities(path: Path, text: str, aggregation: str) -> list[dict[str, Any]]:
    """Return what transformers' token classification pipeline finds in a text."""
    model, tokenizer = loaded(path, "AutoModelForTokenClassification")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where a tokenizer does not show its words
        ask = transformers.pipeline("token-classification", model=model, tokenizer=tokenizer, device="cpu")
        found: list[dict[str, Any]] = ask(text, aggregation_strategy=aggregation)
    return found


def label_scores(path: Path, inputs: Sequence[str | tuple[str, str]]) -> list[dict[str, float]]:
    """Return the score of each label as transformers' text classification pipeline gives it."""
    model, tokenizer = loaded(path, "AutoModelForSequenceClassification")
    ask = transformers.pipeline(
        "text-classification", model=model, tokenizer=tokenizer, device="cpu", top_k=None
    )
    sides = [one if isinstance(one, str) else {"text": one[0], "text_pair": one[1]} for one in inputs]
    return [{row["label"]: row["score"] for row in ask([one], truncation=True)[0]} for one in sides]


def cross_scores(path: Path, pairs: Sequence[tuple[str, str]]) -> Rows:
    """Return a cross-encoder's scores of pairs as sentence-transformers gives them."""
    model = CrossEncoder(str(path), device="cpu", model_kwargs=FLOAT32)
    rows: Rows = np.array([model.predict([pair], show_progress_bar=False)[0] for pair in pairs])
    return rows
