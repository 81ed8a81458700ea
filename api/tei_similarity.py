"""TEI's POST /similarity: how near sentences are to one of them."""

from vectord.errors import EmptyInput
from vectord.scheduler import Embeddings, Engine, Prompt, Truncation

from .body import Body
from .encode import Number, encode
from .inputs import FullString, FullStrings
from .tei import AnyCaseSide, TeiBody
from .tei_task import TeiTask


class Sentences(Body):
    """A sentence, and those that it is compared with."""

    source_sentence: FullString
    sentences: FullStrings


class Parameters(Body):
    """What the other routes have beside the inputs."""

    truncate: bool | None = None
    truncation_direction: AnyCaseSide | None = None
    prompt_name: str | None = None


class SimilarityRequest(TeiBody):
    """What to compare; options stand in `parameters`, or where other routes have them."""

    inputs: Sentences
    parameters: Parameters | None = None
    prompt_name: str | None = None

    def truncation(self) -> Truncation:
        """Return what becomes of sentences over the limit."""
        given = self.parameters or Parameters()
        allowed = self.truncate if given.truncate is None else given.truncate
        return Truncation(allowed, given.truncation_direction or self.truncation_direction)

    def prompt(self) -> Prompt:
        """Return what stands before every sentence."""
        given = self.parameters or Parameters()
        return Prompt(name=self.prompt_name if given.prompt_name is None else given.prompt_name)


def count(asked: SimilarityRequest) -> tuple[int, str]:
    """Return how many sentences there are, with the one that they are compared with."""
    if not asked.inputs.sentences:
        raise EmptyInput("`inputs.sentences` must not be an empty list.", param="inputs.sentences")
    return len(asked.inputs.sentences) + 1, "inputs.sentences"


async def embed(engine: Engine, asked: SimilarityRequest, model: str) -> Embeddings:
    """Return a unit vector for each sentence, the source's first."""
    return await engine.embed(
        [asked.inputs.source_sentence, *asked.inputs.sentences],
        model=model,
        prompt=asked.prompt(),
        truncation=asked.truncation(),
    )


def written(asked: SimilarityRequest, found: Embeddings) -> bytes:
    """Return the answer's JSON: the cosine of each sentence with the source."""
    return encode(found.vectors[1:] @ found.vectors[0])


SIMILARITY_TASK = TeiTask(
    task="embed",
    body=SimilarityRequest,
    count=count,
    ask=embed,
    size=lambda asked, found: found.vectors.nbytes,
    write=written,
)
SIMILARITY = SIMILARITY_TASK.operation("Compare sentences with one: a bare list of cosines.", list[Number])
