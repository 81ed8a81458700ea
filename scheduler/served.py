"""One served model: its card, its tokenizer, its lane, and the runners that drain it."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from vectord.core import Bid, Encoding, ModelCard, Output, Task, Vocabulary
from vectord.errors import DeadlinePassed

from .calibration import Calibration
from .cores import CoreBudget
from .job import key_of
from .lane import Lane
from .limits import Limits
from .loaded import Loaded, Replica
from .outcome import outcome
from .phases import current
from .pieces import Pieces
from .prompt import Prompt, text_of
from .repeats import Repeats
from .runner import Observer, Runner
from .terms import terms

log = logging.getLogger("vectord.scheduler")


@dataclass(eq=False, slots=True)
class Served:
    """A model in service under a name.

    `token_ids`: whose ids clients send: the model's, those of a vocabulary of their own, or none.
    """

    loaded: Loaded
    lane: Lane
    runners: list[Runner]
    hire: Callable[[Replica], Runner]
    aliases: tuple[str, ...] = ()
    abandoned: int = 0
    repeats: Repeats | None = None
    hits: int = 0
    default_prompt: str | None = None
    token_ids: Literal["model", "reject"] | Vocabulary = "model"
    created: int = field(default_factory=lambda: int(time.time()))
    calibration: Calibration = field(default_factory=Calibration)

    @classmethod
    def start(
        cls,
        loaded: Loaded,
        limits: Limits,
        cores: CoreBudget,
        observe: Observer,
        aliases: Iterable[str] = (),
        patience: float = 60.0,
    ) -> "Served":
        """Start the runners; one that runs a batch for `patience` seconds or more may have hung."""
        lane = Lane(limits, loaded.timed)

        def hire(replica: Replica) -> Runner:
            runner = Runner(loaded, replica, lane, cores, observe, patience)
            runner.start()
            return runner

        runners = [hire(replica) for replica in loaded.replicas for _ in range(replica.bid.runners)]
        return cls(loaded, lane, runners, hire, tuple(aliases), default_prompt=loaded.card.default_prompt)

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
    def replicas(self) -> int:
        """Sessions that run it."""
        return len(self.loaded.replicas)

    @property
    def backend(self) -> str:
        """The backend's name."""
        return self.loaded.backend

    @property
    def ready(self) -> bool:
        """Whether it answers: a replica that is lost leaves the others at work."""
        return any(runner.at_work for runner in self.runners)

    @property
    def batch_tokens(self) -> int:
        """Most padded tokens in a batch."""
        return self.lane.limits.batch_tokens

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

    @property
    def _identity(self) -> str:
        """What tells this model's answers from those of others, the same weights in another precision too."""
        return f"{self.card.fingerprint} {self.backend} {self.bid.dtype}"

    def can(self, task: Task) -> bool:
        """Whether the model can do a task."""
        return task in self.card.tasks

    async def run(self, encodings: Sequence[Encoding], *outputs: Output, alone: bool = False) -> list[Pieces]:
        """Return the asked outputs of each input, without the model for those that came before.

        `alone`: each comes from a batch of its own, so that its bits do not depend on what else is asked.

        Cancelling it takes the inputs that have not run out of the lane.
        """
        current().inputs += len(encodings)
        if self.repeats is None:
            return await self._run(encodings, outputs, alone)
        keys = [key_of(one, alone) for one in encodings]
        found = [self.repeats.get(self._identity, key, outputs) for key in keys]
        missing = [index for index, pieces in enumerate(found) if pieces is None]
        self.hits += len(found) - len(missing)
        if missing:
            for index, pieces in zip(
                missing, await self._run([encodings[index] for index in missing], outputs, alone), strict=True
            ):
                self.repeats.put(self._identity, keys[index], pieces)
                found[index] = pieces
        return [pieces for pieces in found if pieces is not None]

    async def _run(
        self, encodings: Sequence[Encoding], outputs: Sequence[Output], alone: bool
    ) -> list[Pieces]:
        asked = terms()
        job = self.lane.submit(encodings, frozenset(outputs), asked, alone=alone)
        try:
            async with asyncio.timeout(asked.left):
                found = await outcome(job.future)
        except TimeoutError:
            raise DeadlinePassed("the time that the request gave was up before its answer") from None
        finally:
            end = time.perf_counter()
            current().ran(job.created, job.created + job.queued if job.begun else end, end)
        current().tokens += sum(map(len, encodings))
        return found

    def prompt(self, prompt: Prompt) -> str:
        """Return the text to put before inputs. Raises `InvalidRequest` that lists the known names."""
        return text_of(self.card, prompt, self.default_prompt)

    def replace(self, runner: Runner) -> bool:
        """Give up a broken runner, and put one on a fresh session in its place; return whether it could.

        The old session is left to whoever still runs on it; other replicas go on undisturbed. Where there
        is none left, what waits fails, and what comes is refused. Runners that lost the same session are
        replaced with it.
        """
        self.abandoned += 1
        why = "its device is lost" if runner.lost else "a batch hung"
        log.error("%s: %s; its runner is given up", self.name, why)
        runner.give_up()
        if self.loaded.wide is not None:  # it may be what hung
            self.loaded.wide.retire()
        if not runner.replica.renew(lost=runner.lost):
            log.error("%s: no fresh session could be loaded", self.name)
            if not self.ready:
                self.lane.close("the model has no session left that answers; the server must be restarted")
            return False
        for index, one in enumerate(self.runners):
            if one is runner or (one.replica is runner.replica and one.lost):
                one.give_up()
                self.runners[index] = self.hire(runner.replica)
        return True

    def close(self) -> None:
        """Stop the runners, then free the sessions."""
        self.lane.close()
        for runner in self.runners:
            if runner.at_work:  # one that was given up may never return
                runner.join(timeout=10)
        for replica in self.loaded.replicas:
            replica.close()
        if self.loaded.wide is not None:
            self.loaded.wide.close()
