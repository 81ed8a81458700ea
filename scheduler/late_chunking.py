"""Late chunking: inputs read together, a vector for each (Günther et al. 2024, arXiv 2409.04701).

Each input is tokenised for itself, so no token belongs to two; their ids stand one behind the other between
one pair of special tokens, the prompt before the first. A vector is the mean of its input's token states. The
first input has those of the special tokens and the prompt before it too, the last those of the special
tokens behind it, as in Jina's own code, so one input alone has the vector that it has without late chunking.

Inputs that exceed the model's limit together are read in as few runs as their order allows: each run takes
as many whole inputs as fit. Only an input over the limit by itself is cut.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vectord.core import Encoding, Ids
from vectord.errors import InvalidRequest

from .encoder import Encoder
from .pieces import token_rows
from .prompt import NO_ADAPTER, Prompt, adapter_of
from .served import Served
from .truncation import Truncation
from .usage import Usage

Array = NDArray[np.float32]
RUN_TOKENS = 16_384  # of which the states are kept at a time, some 64 MB at a width of 1,024


@dataclass(frozen=True, slots=True)
class Window:
    """Inputs that are read together: their indices, the whole encoding, and where each one's tokens begin."""

    indices: tuple[int, ...]
    encoding: Encoding
    starts: tuple[int, ...]

    def means(self, states: Array) -> Array:
        """Return the mean of each input's token states, (inputs, width), of those of all tokens."""
        bounds = [*self.starts, len(states)]
        return np.stack([states[start:end].mean(axis=0) for start, end in pairwise(bounds)])


def check_late_chunking(served: Served) -> None:
    """Raise `InvalidRequest` unless the model's vectors are means of its token states."""
    head = served.card.head
    if head.pooling != "mean" or head.dense or "tokens" not in served.card.outputs:
        raise InvalidRequest(
            f"{served.name} cannot do late chunking: its vectors are not plain means of its token states",
            param="late_chunking",
        )


def grouped(firsts: Sequence[int], others: Sequence[int], room: int) -> list[list[int]]:
    """Return which inputs are read together, by their lengths as the first of a group and behind another.

    An input without tokens has no states to average, so it is read by itself.
    """
    groups: list[list[int]] = []
    left = -1
    for index, (first, other) in enumerate(zip(firsts, others, strict=True)):
        if not other:
            groups.append([index])
            left = -1
        elif other <= left:
            groups[-1].append(index)
            left -= other
        else:
            groups.append([index])
            left = room - first
    return groups


async def windows(
    served: Served, encoder: Encoder, texts: list[str], prompt: Prompt, truncation: Truncation
) -> list[Window]:
    """Return the runs that read all texts. Raises `TooLong` for one that does not fit and may not be cut."""
    adapter, before = adapter_of(served.card, prompt), served.prompt(prompt)
    others = await encoder.bare(served, texts)
    firsts = await encoder.bare(served, [before + text for text in texts]) if before else others
    tokenizer = served.loaded.tokenizer
    overhead = len(tokenizer.enclose(np.zeros(0, np.int32))[0])
    room = truncation.limit(served.card) - overhead
    found = []
    for group in grouped(list(map(len, firsts)), list(map(len, others)), room):
        if len(group) == 1:
            [whole] = await encoder.inputs(
                served, [texts[group[0]]], prompt, replace(truncation, allowed=True)
            )
            found.append(Window((group[0],), whole, (0,)))
        else:
            rows = [firsts[group[0]], *(others[index] for index in group[1:])]
            encoding, starts = joined(served, rows)
            marked = encoding if adapter == NO_ADAPTER else replace(encoding, adapter=adapter)
            found.append(Window(tuple(group), marked, starts))
    owners = {index: window.encoding for window in found for index in window.indices}
    encoder.check(served, [owners[index] for index in range(len(texts))], truncation)
    return found


def joined(served: Served, rows: Sequence[Ids]) -> tuple[Encoding, tuple[int, ...]]:
    """Return the encoding of rows of ids one behind the other, and where each begins; the first at 0."""
    encoding, ahead = served.loaded.tokenizer.enclose(np.concatenate(rows))
    starts = ahead + np.cumsum([len(row) for row in rows[:-1]])
    return encoding, (0, *starts.tolist())


async def late_chunked(
    served: Served,
    encoder: Encoder,
    texts: list[str],
    prompt: Prompt,
    truncation: Truncation,
    *,
    alone: bool,
) -> tuple[Array, Usage]:
    """Return each text's vector as the model pools it, (texts, width), and what it cost."""
    check_late_chunking(served)
    read = await windows(served, encoder, texts, prompt, truncation)
    encoder.check_total([window.encoding for window in read])
    vectors = np.empty((len(texts), served.card.width), np.float32)
    for part in parts(read):
        found = await served.run([window.encoding for window in part], "tokens", alone=alone)
        await asyncio.to_thread(fill, vectors, part, token_rows(found, "tokens"))
    cut = np.zeros(len(texts), np.int64)
    for window in read:
        cut[window.indices[0]] = window.encoding.cut
    return vectors, Usage(sum(len(window.encoding) for window in read), tuple(cut.tolist()))


def fill(vectors: Array, part: Sequence[Window], states: Sequence[Array]) -> None:
    """Put the means of token states at their texts' places; in a thread, since states take much time too."""
    for window, its in zip(part, states, strict=True):
        vectors[list(window.indices)] = window.means(its)


def parts(read: Sequence[Window]) -> list[list[Window]]:
    """Return the windows in parts of at most `RUN_TOKENS` tokens: token states take much memory."""
    found: list[list[Window]] = []
    room = 0
    for window in read:
        tokens = len(window.encoding)
        if not found or tokens > room:
            found.append([])
            room = RUN_TOKENS
        found[-1].append(window)
        room -= tokens
    return found
