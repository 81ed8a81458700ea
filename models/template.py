"""The special tokens that a tokenizer puts around one text or a pair, learned from the tokenizer itself."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import tokenizers

from vectord.core import Encoding, Ids

PROBES = ("a", "1", ".", "the", "\u4e00")


@dataclass(frozen=True, slots=True)
class Template:
    """`pieces` stand before, between and after the texts; `types` are the type ids of each text.

    `piece_types` are the type ids of the pieces, token by token.
    """

    pieces: tuple[Ids, ...]
    piece_types: tuple[Ids, ...]
    types: tuple[int, ...]

    @property
    def overhead(self) -> int:
        """How many special tokens the template adds."""
        return sum(map(len, self.pieces))

    @classmethod
    def of(cls, tokenizer: tokenizers.Tokenizer, texts: int) -> Self:
        """Learn the template for one text or a pair by encoding a probe."""
        probe, bare = find_probe(tokenizer)
        whole = tokenizer.encode(probe, probe) if texts == 2 else tokenizer.encode(probe)
        spans = find_spans(whole.ids, bare, texts)
        edges = [0, *(edge for span in spans for edge in span), len(whole.ids)]
        row, types = np.array(whole.ids, np.int32), np.array(whole.type_ids, np.int32)
        gaps = list(zip(edges[::2], edges[1::2], strict=True))
        return cls(
            tuple(row[start:end] for start, end in gaps),
            tuple(types[start:end] for start, end in gaps),
            tuple(int(types[start]) for start, _ in spans),
        )

    def assemble(self, *texts: Ids, cut: int = 0) -> Encoding:
        """Put the special tokens around the texts' ids."""
        ids, types = [self.pieces[0]], [self.piece_types[0]]
        for index, text in enumerate(texts):
            ids += [text, self.pieces[index + 1]]
            types += [np.full(len(text), self.types[index], np.int32), self.piece_types[index + 1]]
        return Encoding(np.concatenate(ids), np.concatenate(types), cut)


def find_probe(tokenizer: tokenizers.Tokenizer) -> tuple[str, list[int]]:
    """Return a text that the tokenizer knows, and its ids."""
    for text in PROBES:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        if ids:
            return text, ids
    raise ValueError(f"it makes nothing of {' '.join(PROBES)}")


def find_spans(whole: list[int], bare: list[int], texts: int) -> list[tuple[int, int]]:
    """Return where the probe's ids stand in the encoded whole; the last text is sought from the end."""
    width = len(bare)
    starts = [at for at in range(len(whole) - width + 1) if whole[at : at + width] == bare]
    if len(starts) < texts:
        raise ValueError("its template changes the text")
    chosen = [starts[0]] if texts == 1 else [starts[0], starts[-1]]
    return [(start, start + width) for start in chosen]
