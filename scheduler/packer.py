"""Which waiting inputs run next: a pure function of their lengths and of how often each was passed over.

The inputs in reach are sorted by length and cut into batches at the least total cost; the batch that
holds the most urgent input runs. An input is passed over when a batch takes a less urgent one and
leaves it. After `PASS_LIMIT` times nothing behind it may run before it does, and the reach is kept so
short that this seldom happens. Since every batch takes the most urgent input, none starves.
"""

from collections.abc import Sequence

import numpy as np

PASS_LIMIT = 8  # batches that may pass over an item
WINDOW = 512  # items in sight of one decision; bounds its time
REACH_SHARE = 0.6  # how full batches turn out, for judging what the passes left can clear
BATCH_COST = 32  # what a batch costs beside its padded tokens, in tokens


def pack(lengths: Sequence[int], passed: Sequence[int], budget: int) -> list[int]:
    """Return the indices of the items to run together, ascending; the first is always among them.

    `lengths` (tokens) and `passed` (times passed over) are in order of urgency. The batch, padded to
    its longest item, holds at most `budget` tokens, unless its only item is longer.
    """
    if len(lengths) == 1:
        return [0]
    reach = within_reach(lengths[:WINDOW], passed[:WINDOW], budget)
    longest_first = sorted(range(reach), key=lengths.__getitem__, reverse=True)
    urgent = longest_first.index(0)
    cuts = cheapest_cuts([lengths[index] for index in longest_first], budget)
    start = 0
    while cuts[start] <= urgent:
        start = cuts[start]
    return sorted(longest_first[start : cuts[start]])


def within_reach(lengths: Sequence[int], passed: Sequence[int], budget: int) -> int:
    """Return how many of the leading items may be chosen from.

    None behind one that was passed over too often; and no more tokens than full batches would clear
    in the passes that the items in reach have left.
    """
    tokens, passes_left = 0, PASS_LIMIT
    for index, (length, times) in enumerate(zip(lengths, passed, strict=True)):
        tokens += length
        passes_left = min(passes_left, PASS_LIMIT - times)
        if index and tokens > budget * REACH_SHARE * (passes_left + 1):
            return index
        if not passes_left:
            return index + 1
    return len(lengths)


def cheapest_cuts(lengths: Sequence[int], budget: int) -> list[int]:
    """Return, for a batch that begins at each index, where it ends, so that the whole costs least.

    `lengths` descend, so a batch is padded to its first. Dynamic programming from the end: the least
    cost from i on is the least over j of BATCH_COST + lengths[i] * (j - i) + the least cost from j on.
    """
    count = len(lengths)
    least, counts, cuts = np.zeros(count + 1), np.arange(1, count + 1), [0] * count
    for start in range(count - 1, -1, -1):
        most = min(count - start, max(1, budget // lengths[start]))
        costs = lengths[start] * counts[:most] + least[start + 1 : start + 1 + most]
        size = most - int(costs[::-1].argmin())  # of equal costs the longer batch, so that few remain
        least[start] = BATCH_COST + costs[size - 1]
        cuts[start] = start + size
    return cuts


def pass_over(passed: list[int], chosen: Sequence[int]) -> None:
    """Count, in place, each item that a batch leaves behind while taking a less urgent one."""
    taken = set(chosen)
    for index in range(chosen[-1]):
        if index not in taken:
            passed[index] += 1
