"""TEI's POST /predict, for classifiers, and POST /predict_tokens beside it, for tokens under labels."""

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BeforeValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from vectord.scheduler import Aggregation, Classes, Engine, Entities, Entity

from .encode import Number, encode
from .explain import EMPTY
from .inputs import STRING, schema
from .tei import TeiBody, lowered
from .tei_task import TeiTask

PAIR = 2
ONE_OF = "must be a text, a pair of texts, or a list of lists that hold a text or a pair each"
Text = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Subjects:
    """What to classify; `alone` is whether the client sent one and not a list."""

    texts: list[Text]
    alone: bool


def subjects_of(value: Any) -> Subjects:
    """Return the texts and pairs: two strings in a list are one pair, lists in a list are many."""
    if value == []:
        raise PydanticCustomError(EMPTY, "must not be an empty list")
    if isinstance(value, list) and all(isinstance(one, list) for one in value):
        return Subjects([subject_of(one) for one in value], alone=False)
    return Subjects([subject_of([value] if isinstance(value, str) else value)], alone=True)


def subject_of(value: Any) -> Text:
    """Return a text or a pair."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise PydanticCustomError("subjects", ONE_OF)
    if len(value) == 1:
        return str(value[0])
    if len(value) != PAIR:
        raise PydanticCustomError("subjects", ONE_OF)
    return (value[0], value[1])


TEXTS = {"type": "array", "items": STRING, "minItems": 1, "maxItems": PAIR}


class PredictRequest(TeiBody):
    """What to classify."""

    inputs: Annotated[
        Subjects,
        PlainValidator(subjects_of),
        schema((STRING, TEXTS, {"type": "array", "items": TEXTS, "minItems": 1})),
    ]
    raw_scores: bool | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """A label and its score."""

    score: Number
    label: str


def subjects_count(asked: PredictRequest) -> tuple[int, str]:
    """Return how many texts and pairs there are."""
    return len(asked.inputs.texts), "inputs"


async def classify(engine: Engine, asked: PredictRequest, model: str) -> Classes:
    """Return the scores of each text's labels."""
    return await engine.classify(
        asked.inputs.texts,
        model=model,
        raw_scores=bool(asked.raw_scores),
        truncation=asked.truncation(),
    )


def predictions_written(asked: PredictRequest, found: Classes) -> bytes:
    """Return the answer's JSON: the labels of each input, best first; bare for an input alone."""
    rows = []
    for scores in found.scores:
        order = (-scores).argsort(kind="stable").tolist()
        rows.append([Prediction(scores[index], found.labels[index]) for index in order])
    return encode(rows[0] if asked.inputs.alone else rows)


def texts_of(value: Any) -> list[str]:
    """Return the texts: one, a list, or lists of them one after the other."""
    texts = [value] if isinstance(value, str) else value
    if isinstance(texts, list) and texts and all(isinstance(one, list) for one in texts):
        texts = [text for one in texts for text in one]
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise PydanticCustomError("texts", "must be a text, a list of texts or a list of such lists")
    if not texts:
        raise PydanticCustomError(EMPTY, "must not be an empty list")
    return texts


def refused(value: bool) -> bool:
    """Return False; what it would mean for tokens put together, nobody has said."""
    if value:
        raise PydanticCustomError("raw_scores", "must be false here")
    return value


class TokensRequest(TeiBody):
    """Whose tokens to classify, and how to put them together."""

    inputs: Annotated[
        list[str],
        PlainValidator(texts_of),
        schema((STRING, {"type": "array", "items": STRING, "minItems": 1})),
    ]
    aggregation_strategy: Annotated[Aggregation, BeforeValidator(lowered)] | None = None
    raw_scores: Annotated[bool, AfterValidator(refused), WithJsonSchema({"const": False})] | None = None


@dataclass(frozen=True, slots=True)
class Tagged:
    """Characters `start` to `end` of a text, and their label's score; `token_id` counts within the text."""

    token: str
    token_id: int
    start: int
    end: int
    results: dict[str, Number]


def texts_count(asked: TokensRequest) -> tuple[int, str]:
    """Return how many texts there are."""
    return len(asked.inputs), "inputs"


async def classify_tokens(engine: Engine, asked: TokensRequest, model: str) -> Entities:
    """Return the entities of each text."""
    return await engine.classify_tokens(
        asked.inputs,
        model=model,
        aggregation=asked.aggregation_strategy or "none",
        truncation=asked.truncation(),
    )


def entities_written(asked: TokensRequest, found: Entities) -> bytes:
    """Return the answer's JSON: a list of entities for each text."""
    return encode([[tagged(index, one) for index, one in enumerate(text)] for text in found.found])


def tagged(index: int, entity: Entity) -> Tagged:
    """Return an entity as it stands in an answer."""
    place = index if entity.row is None else entity.row
    return Tagged(entity.word, place, entity.start, entity.end, {entity.label: np.float32(entity.score)})


PREDICT_TASK = TeiTask(
    task="classify",
    body=PredictRequest,
    count=subjects_count,
    ask=classify,
    size=lambda asked, found: found.scores.size * 30,
    write=predictions_written,
)
PREDICT_TOKENS_TASK = TeiTask(
    task="token_classify",
    body=TokensRequest,
    count=texts_count,
    ask=classify_tokens,
    size=lambda asked, found: sum(map(len, found.found)) * 100,
    write=entities_written,
)
PREDICT = PREDICT_TASK.operation(
    "Score the labels of a text, of a pair, or of many.", list[Prediction] | list[list[Prediction]]
)
PREDICT_TOKENS = PREDICT_TOKENS_TASK.operation(
    "Find entities: tokens under labels, put together as asked.", list[list[Tagged]]
)
