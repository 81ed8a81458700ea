"""Answers to inputs that come again, kept within a bound of bytes; what was used longest ago goes first."""

from collections import OrderedDict
from collections.abc import Collection

from vectord.core import Output

from .job import Key
from .pieces import Piece, Pieces, Sparse

OVERHEAD = 400  # bytes of an entry beside its arrays and its ids


class Repeats:
    """A cache of pieces by model fingerprint and token ids. For one event loop; needs no lock."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held: OrderedDict[tuple[str, Key], Pieces] = OrderedDict()
        self.size = 0

    def get(self, fingerprint: str, key: Key, outputs: Collection[Output]) -> Pieces | None:
        """Return the pieces of an input, if all of the outputs are there."""
        found = self._held.get((fingerprint, key))
        if found is None or not found.keys() >= set(outputs):
            return None
        self._held.move_to_end((fingerprint, key))
        return found

    def put(self, fingerprint: str, key: Key, pieces: Pieces) -> None:
        """Keep the pieces of an input, beside other outputs of it that are there."""
        place = fingerprint, key
        before = self._held.pop(place, {})
        self.size -= weight(key, before) if before else 0
        whole = {**before, **{output: own(piece) for output, piece in pieces.items()}}
        self._held[place] = whole
        self.size += weight(key, whole)
        while self.size > self._limit:
            (_, oldest), gone = self._held.popitem(last=False)
            self.size -= weight(oldest, gone)


def own(piece: Piece) -> Piece:
    """Return a piece that keeps nothing else in memory: it may be a view of a whole batch's array."""
    return piece if isinstance(piece, Sparse) or piece.base is None else piece.copy()


def weight(key: Key, pieces: Pieces) -> int:
    """Return the bytes that an entry holds."""
    ids, types, *_ = key
    held = sum(
        piece.indices.nbytes + piece.values.nbytes if isinstance(piece, Sparse) else piece.nbytes
        for piece in pieces.values()
    )
    return OVERHEAD + len(ids) + len(types) + held
