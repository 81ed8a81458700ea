"""vLLM's POST /pooling: vectors, token vectors, weights, scores of labels; several kinds from one pass."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from vectord.core import Task
from vectord.errors import InvalidRequest
from vectord.scheduler import Engine, Kind, Prompt

from .door import Door
from .encode import Form, respond
from .inputs import MixedInputs
from .labels import labels_of
from .offload import offload
from .operation import Operation
from .options import ERRORS, Truncated
from .pooled import Pooled, PooledList, represented, written
from .report import reported

Word = Literal["embed", "token_embed", "sparse", "classify", "token_classify"]
NATIVE: dict[Task, Word] = {
    "embed": "embed",
    "embed_all": "token_embed",
    "sparse": "sparse",
    "rerank": "classify",
    "classify": "classify",
    "token_classify": "token_classify",
}
KIND_TASKS: dict[Kind, Task] = {"dense": "embed", "sparse": "sparse", "token_vectors": "embed_all"}


class PoolingRequest(Truncated):
    """What to make of inputs: one thing by `task`, or several kinds of vectors from one pass by `outputs`.

    Without either it is what the model is for. `use_activation` false leaves scores as they are before the
    softmax, and vectors before they are normalised, as does `normalize` false.
    """

    input: MixedInputs
    model: str | None = None
    task: Annotated[Word | None, Field(description="What to make. Default: what the model is for.")] = None
    outputs: Annotated[
        Annotated[list[Kind], Field(min_length=1)] | None,
        Field(description="Kinds of vectors, all from one pass; they take the place of `task`."),
    ] = None
    encoding_format: Form | None = None
    dimensions: Annotated[int, Field(ge=1)] | None = None
    use_activation: bool | None = None
    normalize: bool | None = None
    prompt: str | None = None
    prompt_name: str | None = None
    input_type: str | None = None

    def prompted(self) -> Prompt:
        """Return what to put before texts, and what they are in a search."""
        return Prompt(text=self.prompt, name=self.prompt_name, input_type=self.input_type)

    def raw(self) -> bool:
        """Return whether numbers stay as the model gives them."""
        return self.use_activation is False or self.normalize is False


async def embed(engine: Engine, asked: PoolingRequest, model: str) -> Pooled:
    """Return a vector for each input."""
    found = await engine.embed(
        asked.input,
        model=model,
        dimensions=asked.dimensions,
        normalize=not asked.raw(),
        prompt=asked.prompted(),
        truncation=asked.truncated(),
    )
    return Pooled(found.model, found.usage, {"dense": list(found.vectors)})


async def token_embed(engine: Engine, asked: PoolingRequest, model: str) -> Pooled:
    """Return a vector for each token: those for late interaction, else the network's last states."""
    return await represent(engine, asked, model, ("token_vectors",), bare=True)


async def sparse(engine: Engine, asked: PoolingRequest, model: str) -> Pooled:
    """Return each input's weights by token id."""
    return await represent(engine, asked, model, ("sparse",), bare=True)


async def represent(
    engine: Engine, asked: PoolingRequest, model: str, kinds: Sequence[Kind], *, bare: bool = False
) -> Pooled:
    """Return kinds of vectors from one pass."""
    found = await engine.represent(
        asked.input, kinds, model=model, prompt=asked.prompted(), truncation=asked.truncated()
    )
    return represented(found, kinds, bare=bare)


async def classify(engine: Engine, asked: PoolingRequest, model: str) -> Pooled:
    """Return the scores of each input's labels."""
    found = await engine.classify(
        asked.input, model=model, raw_scores=asked.raw(), truncation=asked.truncated()
    )
    return Pooled(found.model, found.usage, {"scores": list(found.scores)})


async def token_classify(engine: Engine, asked: PoolingRequest, model: str) -> Pooled:
    """Return the scores of each token's labels."""
    found = await engine.score_tokens(
        asked.input, model=model, raw_scores=asked.raw(), truncation=asked.truncated()
    )
    return Pooled(found.model, found.usage, {"scores": found.vectors})


Work = Callable[[Engine, PoolingRequest, str], Awaitable[Pooled]]
WORK: dict[Word, tuple[Task, Work]] = {
    "embed": ("embed", embed),
    "token_embed": ("embed_all", token_embed),
    "sparse": ("sparse", sparse),
    "classify": ("classify", classify),
    "token_classify": ("token_classify", token_classify),
}


async def pooling(door: Door, request: Request) -> Response:
    """Answer POST /pooling."""
    asked = await door.parse(request, PoolingRequest)
    door.check_count(len(asked.input), "input")
    task, model, work = meant(door, asked, door.model_named(request, asked.model))
    labels_of(request.scope).task = task
    found = await door.ask(request, task, model, lambda name: work(door.engine, asked, name))
    body = await offload(found.size, written, found, asked.encoding_format or "float")
    return respond(body, headers=reported(request.scope, found))


def meant(door: Door, asked: PoolingRequest, model: str | None) -> tuple[Task, str | None, Work]:
    """Return what a request asks for, of which model, None for any that can, and who does it."""
    if asked.outputs is not None:
        if asked.dimensions is not None:
            raise InvalidRequest('`dimensions` goes with the task "embed" alone.', param="dimensions")
        kinds = tuple(kind for kind in KIND_TASKS if kind in asked.outputs)
        able = model or giving(door, [KIND_TASKS[kind] for kind in kinds])
        return (
            KIND_TASKS[kinds[0]],
            able,
            lambda engine, asked, name: represent(engine, asked, name, kinds),
        )
    if asked.task is not None:
        task, work = WORK[asked.task]
        return task, model, work
    served = door.engine.named(model)
    task, work = WORK[NATIVE[served.card.tasks[0]]]
    return task, served.name, work


def giving(door: Door, tasks: Sequence[Task]) -> str | None:
    """Return the first model that can do all tasks, None where none can."""
    able = (served.name for served in door.engine.served if set(tasks) <= set(served.card.tasks))
    return next(able, None)


POOLING = Operation(
    summary="Vectors, token vectors, weights or scores of labels; several kinds from one pass.",
    handler=pooling,
    body=PoolingRequest,
    answer=PooledList,
    errors=ERRORS,
)
