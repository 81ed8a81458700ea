"""Which waiting inputs run next: a pure function of their lengths and of what overtook each.

The inputs in reach are sorted by length and cut into batches at the least total cost; the batch that
holds the most urgent input runs. An input is overtaken by the less urgent ones that a batch takes while
leaving it. After the tokens of `OVERTAKEN` full batches nothing behind it may run before it does, and the
reach is kept so short that this seldom happens. Since every batch takes the most urgent input, none starves.
It is tokens that count, since they are the time that it lost: inputs of many lengths make small batches.

Inputs that are in a hurry while bulk waits differ in length, and would each need a batch of its own kind.
So some of them ride together, whatever their lengths, in a batch of inputs about as long as the longest.
"""

from collections.abc import Sequence
from itertools import accumulate

OVERTAKEN = 8  # full batches of less urgent tokens that may run before an item
REACH_SHARE = 0.6  # how full batches turn out, for judging what they can clear in time
WINDOW = 512  # items in sight at most; bounds the time of a decision
RIDE_SHARE = 0.25  # most of a batch that goes to inputs which ride with longer ones
BATCH_COST = 32  # what a batch costs beside its padded tokens, in tokens


def pack(
    lengths: Sequence[int],
    overtaken: Sequence[int],
    budget: int,
    hurried: Sequence[int] = (),
    padding: float = 1.0,
) -> list[int]:
    """Return the indices of the items to run together, ascending; the first is always among them.

    `lengths` and `overtaken` (both in tokens) are in order of urgency; `hurried` are the indices of items
    that shall not wait for their like. The batch takes at most `budget` tokens, of padding to its longest
    item only the share `padding`, unless its only item is longer.
    """
    if len(lengths) == 1:
        return [0]
    reach = within_reach(lengths[:WINDOW], overtaken[:WINDOW], budget)
    if is_best_whole(lengths[:reach], budget, padding):
        return list(range(reach))
    riders = riding([index for index in hurried if 0 < index < reach], lengths, budget, padding)
    if len(riders) > 1:
        return filled(riders, lengths[:reach], budget, padding)
    longest_first = sorted(range(reach), key=lengths.__getitem__, reverse=True)
    urgent = longest_first.index(0)
    cuts = cheapest_cuts([lengths[index] for index in longest_first], budget, padding)
    start = 0
    while cuts[start] <= urgent:
        start = cuts[start]
    return sorted(longest_first[start : cuts[start]])


def is_best_whole(lengths: Sequence[int], budget: int, padding: float) -> bool:
    """Whether one batch holds all of these, and so little padding that a second one could not pay."""
    tokens = sum(lengths)
    size = size_of(tokens, len(lengths), max(lengths), padding)
    return size <= budget and size - tokens <= BATCH_COST


def size_of(tokens: int, count: int, longest: int, padding: float) -> float:
    """Return what a batch of so many tokens and inputs takes."""
    return tokens + padding * (longest * count - tokens)


def riding(hurried: Sequence[int], lengths: Sequence[int], budget: int, padding: float) -> list[int]:
    """Return the first item and those in a hurry that may ride with it, the most urgent first."""
    riders, tokens, longest = [0], lengths[0], lengths[0]
    for index in hurried:
        tokens, longest = tokens + lengths[index], max(longest, lengths[index])
        if size_of(tokens, len(riders) + 1, longest, padding) > budget * RIDE_SHARE:
            break
        riders.append(index)
    return riders


def filled(riders: Sequence[int], lengths: Sequence[int], budget: int, padding: float) -> list[int]:
    """Return a batch of the riders and of the items that come next to the longest of them in length."""
    longest, aboard, batch = max(lengths[index] for index in riders), set(riders), [*riders]
    others = [index for index in range(len(lengths)) if index not in aboard and lengths[index] <= longest]
    others.sort(key=lengths.__getitem__, reverse=True)  # stable: of equal lengths the most urgent first
    tokens = sum(lengths[index] for index in riders)
    for index in others:
        tokens += lengths[index]
        if size_of(tokens, len(batch) + 1, longest, padding) > budget:
            break
        batch.append(index)
    return sorted(batch)


def within_reach(lengths: Sequence[int], overtaken: Sequence[int], budget: int) -> int:
    """Return how many of the leading items may be chosen from.

    None behind one that was overtaken by too much; and no more tokens than batches can clear before that
    happens to one in reach.
    """
    tokens, left = 0, OVERTAKEN * budget - max(overtaken)
    if left > 0 and sum(lengths) <= REACH_SHARE * (left + budget):
        return len(lengths)
    left = OVERTAKEN * budget
    for index, (length, so_far) in enumerate(zip(lengths, overtaken, strict=True)):
        tokens += length
        left = min(left, OVERTAKEN * budget - so_far)
        if index and tokens > REACH_SHARE * (left + budget):
            return index
        if left <= 0:
            return index + 1
    return len(lengths)


def cheapest_cuts(lengths: Sequence[int], budget: int, padding: float = 1.0) -> list[int]:
    """Return, for a batch that begins at each index, where it ends, so that the whole costs least.

    `lengths` descend, so a batch is padded to its first; it takes its tokens and a share of its padding.
    Dynamic programming from the end: the least cost from i on is the least over j of BATCH_COST + padding *
    lengths[i] * (j - i) + the least cost from j on, but for the tokens, which are the same in all ways.
    Of the ends that the budget allows for, only the last is looked at, those where the length changes, and
    the last one that leaves the inputs of its length to full batches. That finds the least cost or misses
    it by a percent or two, in a fifth of the time.
    """
    count, before = len(lengths), [0, *accumulate(lengths)]
    least, cuts, changes, run_ends = [0.0] * (count + 1), [0] * count, list[int](), [count] * (count + 1)
    last = count
    for start in range(count - 1, -1, -1):
        length, wide = lengths[start], padding * lengths[start]
        if start == count - 1 or lengths[start + 1] != length:
            changes.append(start + 1)
        run_ends[start] = changes[-1]
        room = budget + (1 - padding) * before[start]
        # it holds no more than the batch that begins after it
        while last > start + 1 and wide * (last - start) + (1 - padding) * before[last] > room:
            last -= 1
        best, cuts[start] = wide * (last - start) + least[last], last
        for end in ends_between(start, last, changes, run_ends[last], budget // lengths[last - 1]):
            cost = wide * (end - start) + least[end]
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


def overtakers(chosen: Sequence[int], lengths: Sequence[int]) -> dict[int, int]:
    """Return the items that a batch leaves behind while taking less urgent ones, and the tokens of those."""
    if len(chosen) == chosen[-1] + 1:
        return {}
    found, tokens, taken = dict[int, int](), 0, set(chosen)
    for index in range(chosen[-1], 0, -1):
        if index in taken:
            tokens += lengths[index]
        else:
            found[index] = tokens
    return found
