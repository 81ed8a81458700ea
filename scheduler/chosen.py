"""Which of the items that wait in a lane run next: whose turn it is decides what the packer sees."""

from collections.abc import Sequence

from .job import Item
from .packer import WINDOW, overtakers, pack
from .shares import Shares, in_bulk


def chosen(items: Sequence[Item], shares: Shares, budget: int, padding: float) -> list[int]:
    """Return the ascending indices of the items that run together next; note whom they overtake.

    `items` are in order of place; a batch holds `budget` tokens, of padding the share `padding`.
    """
    sight: Sequence[int] = range(min(WINDOW, len(items)))
    if shares.owes_bulk(budget):
        sight = [index for index, item in enumerate(items) if in_bulk(item)][:WINDOW] or sight
    seen = [items[index] for index in sight]
    hurried = [index for index, item in enumerate(seen) if not in_bulk(item)] if shares.mixed else []
    lengths, overtaken = [item.padded for item in seen], [item.overtaken for item in seen]
    found = pack(lengths, overtaken, budget, hurried, padding)
    for index, tokens in overtakers(found, lengths).items():
        seen[index].overtaken += tokens
    return [sight[index] for index in found]
