"""POST /classify in the dialects of vLLM and infinity, which answer it in two shapes.

infinity's client always says `raw_scores`, which vLLM does not know: who says it gets infinity's answer.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import numpy as np
import orjson
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response

from vectord.errors import (
    EmptyInput,
    InvalidRequest,
    Overloaded,
    TooLong,
    TooManyInputs,
    UnknownModel,
    WrongTask,
)
from vectord.scheduler import Classes

from .door import Door
from .encode import Numbers, encode, respond
from .inputs import MixedInputs
from .offload import offload
from .openai import Usage
from .operation import Operation
from .options import Truncated
from .report import reported
from .tei_predict import Prediction


class ClassifyRequest(Truncated):
    """What to classify; `inputs` is another name for `input`."""

    input: MixedInputs | None = None
    inputs: MixedInputs | None = None
    model: str | None = None
    raw_scores: bool | None = None
    use_activation: bool | None = None

    def raw(self) -> bool:
        """Return whether scores stay as the model gives them."""
        return bool(self.raw_scores) or self.use_activation is False


@dataclass(frozen=True, slots=True)
class Class:
    """The likeliest label of an input, and the scores of all labels in the model's order."""

    index: int
    label: str
    probs: Numbers
    num_classes: int


@dataclass(frozen=True, slots=True)
class ClassList:
    """vLLM's answer, in the order of the inputs."""

    id: str
    created: int
    model: str
    data: list[Class]
    usage: Usage
    object: str = "list"


@dataclass(frozen=True, slots=True)
class Predictions:
    """infinity's answer: the labels of each input, best first."""

    id: str
    created: int
    model: str
    data: list[list[Prediction]]
    usage: Usage
    object: str = "classify"


async def classify(door: Door, request: Request) -> Response:
    """Answer POST /classify."""
    asked = await door.parse(request, ClassifyRequest)
    inputs = asked.inputs if asked.input is None else asked.input
    if inputs is None:
        raise InvalidRequest("`input` is required.", param="input")
    door.check_count(len(inputs), "input")
    found = await door.ask(
        request,
        "classify",
        asked.model,
        lambda model: door.engine.classify(
            inputs, model=model, raw_scores=asked.raw(), truncation=asked.truncated()
        ),
    )
    write = classes_written if asked.raw_scores is None else predictions_written
    body = await offload(found.scores.size * 30, write, found)
    return respond(body, headers=reported(request.scope, found))


def classes_written(found: Classes) -> bytes:
    """Return vLLM's answer."""
    rows = [class_of(index, row, found.labels) for index, row in enumerate(found.scores)]
    return encode(ClassList(f"classify-{uuid4().hex}", int(time.time()), found.model, rows, usage(found)))


def class_of(index: int, scores: NDArray[np.float32], labels: Sequence[str]) -> Class:
    """Return what vLLM says of one input."""
    return Class(index, labels[int(scores.argmax())], scores, len(labels))


def predictions_written(found: Classes) -> bytes:
    """Return infinity's answer."""
    # Row by row: a thread that encodes all at once would hold the interpreter, and so the event loop.
    rows: list[Any] = [orjson.Fragment(encode(predictions(row, found.labels))) for row in found.scores]
    answer = Predictions(f"classify-{uuid4().hex}", int(time.time()), found.model, rows, usage(found))
    return encode(answer)


def predictions(scores: NDArray[np.float32], labels: Sequence[str]) -> list[Prediction]:
    """Return the labels of one input, best first."""
    order = (-scores).argsort(kind="stable").tolist()
    return [Prediction(scores[index], labels[index]) for index in order]


def usage(found: Classes) -> Usage:
    """Return what the answer cost."""
    return Usage(found.tokens, found.tokens, found.truncated)


CLASSIFY = Operation(
    summary="Score the labels of texts; with `raw_scores` the answer is infinity's, else vLLM's.",
    handler=classify,
    body=ClassifyRequest,
    answer=ClassList | Predictions,
    task="classify",
    errors=(InvalidRequest, EmptyInput, TooLong, TooManyInputs, WrongTask, UnknownModel, Overloaded),
)
