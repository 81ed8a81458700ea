"""Lexical weights: the greatest weight of each token id in a text, as bge-m3 has them (arXiv 2402.03216)."""

import numpy as np
from numpy.typing import NDArray

from vectord.core import Ids

from .pieces import Sparse


def lexical(weights: NDArray[np.float32], token_ids: Ids, special: frozenset[int]) -> Sparse:
    """Return the greatest weight of each id; special tokens and weights that are not positive are left out.

    `weights` is (tokens, 1).
    """
    values = weights[:, 0]
    counts = (values > 0) & ~np.isin(token_ids, list(special))
    indices, places = np.unique(token_ids[counts], return_inverse=True)
    greatest = np.zeros(len(indices), np.float32)
    np.maximum.at(greatest, places, values[counts])
    return Sparse(indices.astype(np.int32), greatest)
