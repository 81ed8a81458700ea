"""Refusals of what no model can take, before anything is queued."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vectord.core import Encoding
from vectord.errors import EmptyInput, InvalidRequest, TooLong, TooManyTokens

from .served import Served


def check_texts(texts: Sequence[object], param: str) -> None:
    """Raise `EmptyInput` for an empty text or nothing at all. Whitespace is content."""
    if not texts:
        raise EmptyInput(f"{param} is empty", param=param)
    for index, text in enumerate(texts):
        if text == "":
            which = param if len(texts) == 1 else f"{param} {index}"
            raise EmptyInput(f"{which} is an empty string", param=param)


def check_subjects(subjects: Sequence[str | tuple[str, str] | list[int]]) -> None:
    """Raise `EmptyInput` for an empty text or nothing at all; ids are judged as they are read."""
    texts = [one for one in subjects if not isinstance(one, list)]
    if texts or not subjects:
        check_texts([text for one in texts for text in (one if isinstance(one, tuple) else (one,))], "inputs")


def check_dimensions(served: Served, dimensions: int | None) -> None:
    """Raise `InvalidRequest` for a size that the model's vectors do not have."""
    if dimensions is not None and not 1 <= dimensions <= served.card.width:
        raise InvalidRequest(
            f"dimensions must be from 1 to {served.card.width} for {served.name}", param="dimensions"
        )


def check_lengths(
    served: Served, encodings: Sequence[Encoding], param: str, which: str = "the query"
) -> None:
    """Raise `TooLong` for the first input over the model's limit; `{}` in `which` stands for its index."""
    for index, encoding in enumerate(encodings):
        if encoding.cut:
            # what was cut is as long as its limit, of which a ColBERT model has two
            whole, limit = len(encoding) + encoding.cut, len(encoding)
            raise TooLong(
                f"{which.format(index)} has {whole} tokens; {served.name} takes {limit}", param=param
            )


def check_pairs(queries: Sequence[str], documents: Sequence[str]) -> None:
    """Raise `InvalidRequest` unless there is one query for all documents, or one for each."""
    if len(queries) not in (1, len(documents)):
        raise InvalidRequest(
            f"{len(queries)} queries and {len(documents)} documents make no pairs: "
            "send one query, or as many as documents",
            param="queries",
        )


def check_tokens(encodings: Sequence[Encoding], most: int) -> None:
    """Raise `TooManyTokens` where a request's inputs together are more than the server takes at once."""
    tokens = sum(map(len, encodings))
    if tokens > most:
        raise TooManyTokens(
            f"the inputs have {tokens} tokens together; this server takes at most {most} in one request",
            param="input",
        )


def which(word: str, texts: Sequence[str]) -> str:
    """Return how `check_lengths` names one of the texts."""
    return f"the {word}" if len(texts) == 1 else f"{word} {{}}"


def token_array(ids: Sequence[int]) -> NDArray[np.int32]:
    """Return a client's token ids as an array. Raises `InvalidRequest` for one that no vocabulary has."""
    if not ids:
        raise EmptyInput("an input is an empty list of token ids", param="input")
    try:
        return np.array(ids, np.int32)
    except OverflowError:
        raise InvalidRequest("a token id is outside the vocabulary", param="input") from None
