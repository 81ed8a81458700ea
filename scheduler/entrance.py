"""The way into a lane: who finds no room there, and when to come back."""

from dataclasses import dataclass

from vectord.errors import Overloaded

from .room import Room
from .terms import Terms


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that found no room: its bytes and its tokens."""

    size: int
    tokens: int


class Entrance:
    """Bounds the tokens that wait in a lane. `pace` is the seconds that each of them takes."""

    def __init__(self, waiting_tokens: int) -> None:
        self._room = Room(waiting_tokens)
        self._last = Refused(0, 0)

    def pass_in(self, waiting: int, tokens: int, terms: Terms, pace: float) -> None:
        """Let a request of so many tokens in, while so many wait. Raises `Overloaded`."""
        refusal = self._refusal(waiting, tokens, terms, pace)
        if refusal is not None:
            self._last = Refused(terms.size, tokens)
            raise refusal
        self._room.keep(terms.sender)

    def foreseen(self, waiting: int, terms: Terms, pace: float) -> Overloaded | None:
        """Return the refusal of a request that is yet to be read, None if it may find room.

        One that comes back wants what it wanted before; any other is held to be no smaller than the last
        that was refused, if it has no fewer bytes.
        """
        wanted = self._room.promised(terms.sender)
        if not wanted and 0 < self._last.size <= terms.size:
            wanted = self._last.tokens
        return self._refusal(waiting, wanted, terms, pace) if wanted else None

    def _refusal(self, waiting: int, tokens: int, terms: Terms, pace: float) -> Overloaded | None:
        """Return why a request cannot wait here, None if it can; an idle lane takes any."""
        missing = self._room.missing(waiting, tokens, terms.sender) if waiting else 0
        if not missing:
            return None
        wait = missing * pace
        self._room.promise(terms.sender, tokens, wait)
        return Overloaded("too much work is waiting for this model; try again later", retry_after=wait)
