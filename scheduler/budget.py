"""How many padded tokens a batch may hold, from what batches of a model cost.

A batch costs something to begin (a) beside what its tokens cost (b each). Of n tokens it is the share
a / (a + b n) that is lost, and for a + b n seconds whoever comes next must wait. So a batch is

* as large as loses no more than `LOSS` of its time: n = a (1 / LOSS - 1) / b, beyond which there is
  nothing to be gained;
* but over within `SECONDS`: n = (SECONDS - a) / b;
* unless so small a batch lost more than `MOST_LOSS`: on a model so slow there is no answer in a hurry;
* and no larger than the backend has memory for.

The server itself takes time for a batch too (`OWN_SECONDS`, measured: taking, packing and handing out).
And a fit to the times of a busy machine may find that beginning costs nothing; that never was so, and packing
is best where it counts as 8 tokens or more (docs/performance.md), so it is taken for no less.
"""

from .cost import Cost

LOSS = 1 / 64
MOST_LOSS = 1 / 8
SECONDS = 0.2
OWN_SECONDS = 0.0005
BEGIN_TOKENS = 8
LENGTH = 64  # tokens of a typical input, of which a token's share of attention is taken
STEP = 64  # what is fitted varies; budgets in steps change seldom
LEAST = 64


def batch_tokens(cost: Cost, most: int) -> int:
    """Return the padded tokens that a batch may hold, `most` at most."""
    token = cost.token + cost.square * LENGTH
    begin = max(cost.batch + OWN_SECONDS, BEGIN_TOKENS * token)
    if token <= 0:
        return most
    enough = tokens_at(LOSS, begin, token)
    in_time = (SECONDS - begin) / token
    found = max(tokens_at(MOST_LOSS, begin, token), min(enough, in_time))
    return min(most, max(LEAST, STEP * round(found / STEP)))


def tokens_at(loss: float, begin: float, token: float) -> float:
    """Return how many tokens a batch has that loses this share of its time."""
    return begin * (1 / loss - 1) / token
