"""Where in a lane's queue the inputs of a request go: turn by turn.

A turn is about as many tokens as a batch holds, and all of its inputs have the place at which the last
of them would begin if the request had its share of the lane at every moment. So of requests that came at
the same time the first runs whole, then the next: none ends later than if they had shared every batch, most
end sooner (Friedman and Henderson, "Fairness and efficiency in web server protocols", 2003), and they do not
all end at once, which would hold up the event loop with all answers, and leave the cores idle meanwhile.
"""

from collections.abc import Sequence
from typing import NamedTuple

from .job import Item


class Turn(NamedTuple):
    """Inputs of a request that share a place in the queue; so many tokens."""

    place: float
    tokens: int


def put(items: Sequence[Item], front: float, pace: float, most: int) -> list[Turn]:
    """Give the inputs of a request their places, behind `front`, turns of `most` tokens; return the turns.

    Each token stands for `pace` of the lane's virtual time. A single input may be longer than a turn.
    """
    turns, first, start, end = list[Turn](), 0, 0, 0
    for index, item in enumerate(items):
        length = len(item.encoding.token_ids)
        if index > first and end + length - start > most:
            turns.append(settle(items[first:index], front, pace, start, end))
            first, start = index, end
        end += length
    if items:
        turns.append(settle(items[first:], front, pace, start, end))
    return turns


def settle(items: Sequence[Item], front: float, pace: float, start: int, end: int) -> Turn:
    """Give the inputs of a turn, the tokens of their request from `start` to `end`, their place."""
    place = front + pace * (end - len(items[-1].encoding.token_ids))
    for item in items:
        item.place = place
    return Turn(place, end - start)
