"""Labels and their scores: of inputs, of their tokens, and of entities that the tokens make."""

from collections.abc import Sequence

from vectord.core import Spanned

from .answers import Classes, Entities, TokenVectors
from .aside import EACH, aside
from .aside import of_tokens as aside_tokens
from .checks import check_subjects, check_texts
from .encoder import Encoder, Inputs, Subject
from .entities import Aggregation, Entity, entities
from .pieces import Array, rows, token_rows
from .prompt import UNPROMPTED
from .rows import scored, softmax
from .served import Served
from .truncation import Truncation
from .usage import Usage


async def classes(
    served: Served, encoder: Encoder, inputs: Sequence[Subject], raw_scores: bool, truncation: Truncation
) -> Classes:
    """Return the scores of each input's labels."""
    check_subjects(inputs)
    encodings = await encoder.subjects(served, inputs, truncation)
    logits = rows(await served.run(encodings, "logits"), "logits")
    scores = logits if raw_scores else await aside(logits.size, scored, logits, served.card.scoring)
    return Classes(served.name, Usage.of(encodings), served.card.labels, scores)


async def of_tokens(
    served: Served, encoder: Encoder, inputs: Inputs, raw_scores: bool, truncation: Truncation
) -> TokenVectors:
    """Return the scores of each token's labels."""
    encodings = await encoder.inputs(served, inputs, UNPROMPTED, truncation)
    logits = token_rows(await served.run(encodings, "token_logits"), "token_logits")
    size = aside_tokens(encodings, len(served.card.labels))
    scores = logits if raw_scores else await aside(size, lambda: list(map(softmax, logits)))
    return TokenVectors(served.name, Usage.of(encodings), scores)


async def of_entities(
    served: Served, encoder: Encoder, texts: Sequence[str], aggregation: Aggregation, truncation: Truncation
) -> Entities:
    """Return the entities of each text."""
    check_texts(texts, "inputs")
    spanned = await encoder.spans(served, list(texts), truncation)
    encodings = [one.encoding for one in spanned]
    logits = token_rows(await served.run(encodings, "token_logits"), "token_logits")
    size = aside_tokens(encodings, EACH)  # a token becomes an object
    found = await aside(size, entities_of, served, spanned, logits, aggregation)
    return Entities(served.name, Usage.of(encodings), found)


def entities_of(
    served: Served, texts: Sequence[Spanned], logits: Sequence[Array], aggregation: Aggregation
) -> list[list[Entity]]:
    """Return the entities of each text, by its tokens' logits."""
    join, names = served.loaded.tokenizer.join, served.card.labels
    return [
        entities(one.tokens, softmax(row)[[token.row for token in one.tokens]], names, aggregation, join)
        for one, row in zip(texts, logits, strict=True)
    ]
