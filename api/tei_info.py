"""TEI's GET /info: a model and the limits that hold for it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from vectord import __version__
from vectord.core import ModelCard
from vectord.errors import UnknownModel
from vectord.scheduler import Served

from .door import Door
from .encode import respond
from .operation import Operation, Parameter
from .tei import FAILING, MODEL_PARAMETER


@dataclass(frozen=True, slots=True)
class Pooled:
    """How token vectors become one; `splade` makes sparse ones, `none` leaves a vector for each token."""

    pooling: str


@dataclass(frozen=True, slots=True)
class EmbeddingType:
    """A model that makes vectors."""

    embedding: Pooled


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels by index and the other way round."""

    id2label: dict[str, str]
    label2id: dict[str, int]


@dataclass(frozen=True, slots=True)
class ClassifierType:
    """A model that scores labels of texts or of tokens."""

    classifier: Labels


@dataclass(frozen=True, slots=True)
class RerankerType:
    """A model that scores pairs."""

    reranker: Labels


ModelType = EmbeddingType | ClassifierType | RerankerType


@dataclass(frozen=True, slots=True)
class Info:
    """TEI's words: `sha` and `docker_label` are those of its own build, so null here. `replicas` is ours."""

    model_id: str
    model_sha: str | None
    model_dtype: str
    served_model_name: str
    model_type: ModelType
    max_concurrent_requests: int
    max_input_length: int
    max_batch_tokens: int
    max_batch_requests: int | None
    max_client_batch_size: int
    auto_truncate: bool
    tokenization_workers: int
    version: str
    sha: str | None
    docker_label: str | None
    replicas: int


async def info(door: Door, request: Request) -> Response:
    """Answer GET /info."""
    named = door.model_named(request, request.query_params.get("model"))
    return respond(info_of(door, door.engine.named(named)))


def info_of(door: Door, served: Served) -> Info:
    """Return what there is to say of a model."""
    card, settings = served.card, door.settings
    return Info(
        model_id=card.source,
        model_sha=card.revision,
        model_dtype=served.bid.dtype,
        served_model_name=served.name,
        model_type=model_type(card),
        max_concurrent_requests=settings.max_concurrent_requests,
        max_input_length=card.max_length,
        max_batch_tokens=served.batch_tokens,
        max_batch_requests=None,
        max_client_batch_size=settings.max_client_batch_size,
        auto_truncate=settings.auto_truncate,
        tokenization_workers=door.engine.policy.tokenizer_threads,
        version=__version__,
        sha=None,
        docker_label=None,
        replicas=served.replicas,
    )


def model_type(card: ModelCard) -> ModelType:
    """Return the kind of a model by its native task."""
    match card.tasks[0]:
        case "classify" | "token_classify":
            return ClassifierType(labels_of(card))
        case "rerank" if card.labels:
            return RerankerType(labels_of(card))
        case "sparse":
            return EmbeddingType(Pooled("splade"))
        case _:
            return EmbeddingType(Pooled(card.head.pooling or "none"))


def labels_of(card: ModelCard) -> Labels:
    """Return a model's labels."""
    named = {str(index): label for index, label in enumerate(card.labels)}
    return Labels(named, {label: index for index, label in enumerate(card.labels)})


INFO = Operation(
    summary="A model and the limits that hold for it.",
    handler=info,
    answer=Info,
    failing=FAILING,
    errors=(UnknownModel,),
    parameters=(Parameter("model", "query", "The model; default: the first."), MODEL_PARAMETER),
)
