"""Which of TEI's tasks a body is for, where its route does not say: its fields tell, else its model."""

from typing import Any

from vectord.core import Task

from .door import Door
from .tei_predict import PREDICT_TASK, PREDICT_TOKENS_TASK, PredictRequest, TokensRequest
from .tei_rerank import RERANK_TASK, TeiRerankRequest
from .tei_similarity import SIMILARITY_TASK, SimilarityRequest
from .tei_task import TeiTask
from .tei_vectors import EMBED_ALL_TASK, EMBED_SPARSE_TASK, EMBED_TASK, EmbedRequest, TextsRequest

AnyTask = TeiTask[Any, Any]
# what any of the tasks takes
Request = EmbedRequest | TextsRequest | PredictRequest | TokensRequest | TeiRerankRequest | SimilarityRequest

NATIVE: dict[Task, AnyTask] = {
    "embed": EMBED_TASK,
    "embed_all": EMBED_ALL_TASK,
    "sparse": EMBED_SPARSE_TASK,
    "rerank": RERANK_TASK,
    "classify": PREDICT_TASK,
    "token_classify": PREDICT_TOKENS_TASK,
}


def chosen(door: Door, content: Any, model: str | None) -> AnyTask:
    """Return the task of a body; `model` is for those that name none. Raises `UnknownModel`."""
    fields = content if isinstance(content, dict) else {}
    named = fields.get("model")
    served = door.engine.named(named if isinstance(named, str) and named else model)
    return by_fields(fields) or by_model(fields, served.card.tasks[0])


def by_fields(fields: dict[str, Any]) -> AnyTask | None:
    """Return the task that alone has such fields."""
    if fields.get("texts") is not None:
        return RERANK_TASK
    return SIMILARITY_TASK if isinstance(fields.get("inputs"), dict) else None


def by_model(fields: dict[str, Any], native: Task) -> AnyTask:
    """Return a model's native task; a reranker scores the label of what has `inputs`, as on /predict."""
    if native == "rerank" and fields.get("inputs") is not None:
        return PREDICT_TASK
    return NATIVE[native]
