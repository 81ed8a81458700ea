"""What the heads of a checkpoint are asked in tests, and the right answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from tests.checkpoints import answers, reference
from tests.checkpoints.texts import QUERIES
from vectord.core import Batch, Encoding, Output, Session
from vectord.scheduler.late import encode_role, kept
from vectord.scheduler.pieces import Sparse, pieces_of
from vectord.scheduler.prompt import Role

from .running import INPUT_PAIRS, INPUTS, Model, Rows


def as_given(rows: Rows, _: Encoding) -> Rows:
    return rows


@dataclass(frozen=True, slots=True)
class Asked:
    """Inputs for one output, and for each of them the right rows; `read` makes them of the output's."""

    output: Output
    encodings: list[Encoding]
    answers: list[Rows]
    read: Callable[[Rows, Encoding], Rows] = as_given


def run(
    session: Session, encodings: Sequence[Encoding], outputs: Sequence[Output]
) -> list[dict[Output, Rows]]:
    """Return the rows of each input, by output."""
    batch = Batch.of(encodings)
    arrays = session.run(batch, outputs)
    assert set(arrays) == set(outputs)
    width = {name: array.shape[-1] for name, array in arrays.items()}
    return [
        {name: np.atleast_2d(dense(piece, width[name])) for name, piece in one.items()}
        for one in pieces_of(batch, arrays)
    ]


def dense(piece: Rows | Sparse, width: int) -> Rows:
    if not isinstance(piece, Sparse):
        return piece
    row = np.zeros(width, np.float32)
    row[piece.indices] = piece.values
    return row


def all_asked(model: Model) -> list[Asked]:
    """Return what the checkpoint's heads are asked."""
    card = model.card
    if card.late is not None and card.head.output == "vectors":
        return late(model)
    if "weights" in card.outputs:
        return multi(model)
    match card.head.output:
        case "embedding":
            return embedder(model)
        case "logits":
            return [language(model) if card.pair_prompt is not None else pairs(model)]
        case "token_logits":
            found = answers.token_logits(card.path, INPUTS, card.max_length)
            return [Asked("token_logits", texts(model), found)]
        case "sparse":
            return [Asked("sparse", texts(model), answers.sparse(card.path, INPUTS))]
    raise AssertionError(card.head.output)


def texts(model: Model) -> list[Encoding]:
    return model.tokenizer.encode(list(INPUTS), model.card.max_length)


def embedder(model: Model) -> list[Asked]:
    card = model.card
    pooled = list(reference.pooled(card.path, INPUTS)[:, None])
    states = answers.states(card.path, INPUTS, card.max_length)
    return [Asked("embedding", texts(model), pooled), Asked("tokens", texts(model), states)]


def pairs(model: Model) -> Asked:
    logits = reference.logits(model.card.path, INPUT_PAIRS)
    return Asked("logits", model.encodings(), list(logits[:, None]))


def language(model: Model) -> Asked:
    prompt = model.card.pair_prompt
    assert prompt is not None
    limit, between = model.card.max_length, [prompt.text(query, document) for query, document in INPUT_PAIRS]
    encodings = model.tokenizer.encode_prompted(prompt.before, between, prompt.after, limit)
    found = answers.yes_against_no(model.card.path, prompt.before, between, prompt.after, limit)
    return Asked("logits", encodings, list(found[:, None]))


def late(model: Model) -> list[Asked]:
    """Return queries, of which some are as long as their limit, and documents."""
    queries = (*QUERIES, INPUTS[0], INPUTS[-1])
    asked, found, _ = answers.late(model.card.path, queries, INPUTS)
    return [in_role(model, "query", queries, asked), in_role(model, "document", INPUTS, found)]


def in_role(model: Model, role: Role, inputs: Sequence[str], found: list[Rows]) -> Asked:
    card = model.card
    assert card.late is not None
    name = next((one for one in card.prompts if one == role), None)
    before = card.prompts[name] if name else ""
    wanted = [before + text for text in inputs]
    encodings = encode_role(model.tokenizer, wanted, card.late, role, card.max_length)
    late = card.late
    return Asked(
        "vectors", encodings, found, lambda rows, encoding: kept(rows, encoding.token_ids, late, role)
    )


def multi(model: Model) -> list[Asked]:
    card = model.card
    found = answers.bge_m3(card.path, INPUTS, card.max_length)
    states = answers.states(card.path, INPUTS, card.max_length)
    ask = partial(Asked, encodings=texts(model))
    return [
        ask("embedding", answers=[one["dense"] for one in found], read=lambda rows, _: answers.unit(rows)),
        ask("tokens", answers=states),
        ask("weights", answers=[one["weights"] for one in found]),
        ask("vectors", answers=[one["all"] for one in found]),
    ]
