"""Which waiting inputs run next: a pure function of their lengths and of how often each was passed over.

The inputs in reach are sorted by length and cut into batches at the least total cost; the batch that
holds the most urgent input runs. An input is passed over when a batch takes a less urgent one and
leaves it. After `PASS_LIMIT` times nothing behind it may run before it does, and the reach is kept so
short that this seldom happens. Since every batch takes the most urgent input, none starves.
"""

from collections.abc import Sequence

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
    if is_best_whole(lengths[:reach], budget):
        return list(range(reach))
    longest_first = sorted(range(reach), key=lengths.__getitem__, reverse=True)
    urgent = longest_first.index(0)
    cuts = cheapest_cuts([lengths[index] for index in longest_first], budget)
    start = 0
    while cuts[start] <= urgent:
        start = cuts[start]
    return sorted(longest_first[start : cuts[start]])


def is_best_whole(lengths: Sequence[int], budget: int) -> bool:
    """Whether one batch holds all of these, and so little padding that a second one could not pay."""
    padded = max(lengths) * len(lengths)
    return padded <= budget and padded - sum(lengths) <= BATCH_COST


def within_reach(lengths: Sequence[int], passed: Sequence[int], budget: int) -> int:
    """Return how many of the leading items may be chosen from.

    None behind one that was passed over too often; and no more tokens than full batches would clear
    in the passes that the items in reach have left.
    """
    tokens, passes_left = 0, PASS_LIMIT - max(passed)
    if passes_left > 0 and sum(lengths) <= budget * REACH_SHARE * (passes_left + 1):
        return len(lengths)
    passes_left = PASS_LIMIT
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
    Of the ends that the budget allows for, only the last is looked at, those where the length changes, and
    the last one that leaves the inputs of its length to full batches. That finds the least cost or misses
    it by a percent or two, in a fifth of the time.
    """
    count = len(lengths)
    least, cuts, changes, run_ends = [0] * (count + 1), [0] * count, list[int](), [count] * (count + 1)
    for start in range(count - 1, -1, -1):
        length = lengths[start]
        if start == count - 1 or lengths[start + 1] != length:
            changes.append(start + 1)
        run_ends[start] = changes[-1]
        last = min(count, start + max(1, budget // length))
        best, cuts[start] = length * (last - start) + least[last], last
        for end in ends_between(start, last, changes, run_ends[last], budget // lengths[last - 1]):
            cost = length * (end - start) + least[end]
            if cost < best:  # of equal costs the longer batch, so that few remain
                best, cuts[start] = cost, end
        least[start] = BATCH_COST + best
    return cuts


def ends_between(start: int, last: int, changes: Sequence[int], run_end: int, full: int) -> list[int]:
    """Return the ends between these two that are worth a look.

    `changes` fall; a run of equal lengths that `last` cuts ends at `run_end`; `full` of them fill a batch.
    """
    ends = []
    leaves_full = last - (last - run_end) % max(1, full)
    if start < leaves_full < last:
        ends.append(leaves_full)
    for end in reversed(changes):
        if end >= last:
            break
        ends.append(end)
    return ends


def passed_over(chosen: Sequence[int]) -> list[int]:
    """Return the items that a batch leaves behind while taking a less urgent one."""
    if len(chosen) == chosen[-1] + 1:
        return []
    taken = set(chosen)
    return [index for index in range(chosen[-1]) if index not in taken]
