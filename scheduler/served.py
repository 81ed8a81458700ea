"""One served model: its card, its tokenizer, its lane, and the runners that drain it."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from vectord.core import Bid, Encoding, ModelCard, Output, Task, Vocabulary

from .calibration import Calibration
from .cores import CoreBudget
from .lane import Lane, Limits
from .loaded import Loaded
from .phases import current
from .pieces import Pieces
from .prompt import Prompt, text_of
from .runner import Observer, Runner


@dataclass(eq=False, slots=True)
class Served:
    """A model in service under a name.

    `token_ids`: whose ids clients send: the model's, those of a vocabulary of their own, or none.
    """

    loaded: Loaded
    lane: Lane
    runners: Sequence[Runner]
    aliases: tuple[str, ...] = ()
    default_prompt: str | None = None
    token_ids: Literal["model", "reject"] | Vocabulary = "model"
    created: int = field(default_factory=lambda: int(time.time()))
    calibration: Calibration = field(default_factory=Calibration)

    @classmethod
    def start(
        cls, loaded: Loaded, limits: Limits, cores: CoreBudget, observe: Observer, aliases: Iterable[str] = ()
    ) -> "Served":
        """Start the runners."""
        lane, card, bid = Lane(limits), loaded.card, loaded.bid
        runners = [Runner(loaded, lane, cores, observe) for _ in range(bid.runners)]
        for runner in runners:
            runner.start()
        return cls(loaded, lane, runners, tuple(aliases), card.default_prompt)

    @property
    def name(self) -> str:
        """The name that answers carry."""
        return self.loaded.card.name

    @property
    def card(self) -> ModelCard:
        """The checkpoint."""
        return self.loaded.card

    @property
    def bid(self) -> Bid:
        """How the backend runs it."""
        return self.loaded.bid

    @property
    def backend(self) -> str:
        """The backend's name."""
        return self.loaded.backend

    @property
    def ready(self) -> bool:
        """Whether every runner is alive."""
        return all(runner.is_alive() for runner in self.runners)

    @property
    def waiting(self) -> int:
        """Requests of which nothing has run."""
        return self.lane.waiting

    @property
    def running(self) -> int:
        """Requests of which something has run or is running."""
        return self.lane.running

    @property
    def int8_scale(self) -> float | None:
        """The step of whole unit vectors in 8 bits, None before the first request for them."""
        return self.calibration.known((self.card.width, True))

    def can(self, task: Task) -> bool:
        """Whether the model can do a task."""
        return task in self.card.tasks

    async def run(self, encodings: Sequence[Encoding], *outputs: Output, alone: bool = False) -> list[Pieces]:
        """Return the asked outputs of each input; `alone`: each from a batch of its own.

        Cancelling it takes the inputs that have not run out of the lane.
        """
        job = self.lane.submit(encodings, frozenset(outputs), alone=alone)
        found = await asyncio.wrap_future(job.future)
        phases = current()
        phases.queue += job.queued
        phases.run += time.perf_counter() - job.created - job.queued
        phases.tokens += sum(map(len, encodings))
        return found

    def prompt(self, prompt: Prompt) -> str:
        """Return the text to put before inputs. Raises `InvalidRequest` that lists the known names."""
        return text_of(self.card, prompt, self.default_prompt)

    def close(self) -> None:
        """Stop the runners, then free the session."""
        self.lane.close()
        for runner in self.runners:
            runner.join(timeout=10)
        self.loaded.session.close()
