"""One served model: its card, its tokenizer, its lane, and the runners that drain it."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vectord.core import Bid, Encoding, ModelCard, Output, Task
from vectord.errors import InvalidRequest

from .cores import CoreBudget
from .lane import Lane, Limits
from .late import Role
from .loaded import Loaded
from .pieces import Pieces
from .runner import Observer, Runner

# the names under which checkpoints keep a role's prompt, as sentence-transformers looks them up
ROLE_NAMES: dict[Role, tuple[str, ...]] = {"query": ("query",), "document": ("document", "passage", "corpus")}


@dataclass(eq=False, slots=True)
class Served:
    """A model in service under a name."""

    loaded: Loaded
    lane: Lane
    runners: Sequence[Runner]
    aliases: tuple[str, ...] = ()
    default_prompt: str | None = None
    created: int = field(default_factory=lambda: int(time.time()))

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

    def can(self, task: Task) -> bool:
        """Whether the model can do a task."""
        return task in self.card.tasks

    async def run(self, encodings: Sequence[Encoding], *outputs: Output) -> list[Pieces]:
        """Return the asked outputs of each input.

        Cancelling it takes the inputs that have not run out of the lane.
        """
        return await asyncio.wrap_future(self.lane.submit(encodings, frozenset(outputs)).future)

    def adapter(self, name: str | None) -> int:
        """Return the index of an adapter, -1 for None. Raises `InvalidRequest` that lists the known names."""
        adapters = self.card.network.adapters
        known = adapters.names if adapters is not None else ()
        if name is not None and name not in known:
            listed = ", ".join(known) or "none"
            raise InvalidRequest(f"{self.name} has no adapter for that task; it has: {listed}", param="task")
        return -1 if name is None else known.index(name)

    def prompt(self, name: str | None, role: Role | None = None, adapter: int = -1) -> str:
        """Return the text to put before inputs: by name, else the adapter's, else by role, else the default.

        Raises `InvalidRequest` that lists the known names.
        """
        if name is None and adapter >= 0 and self.card.network.adapters is not None:
            return self.card.network.adapters.instructions[adapter]
        if name is None and role is not None:
            name = next((one for one in ROLE_NAMES[role] if one in self.card.prompts), None)
        name = name if name is not None else self.default_prompt
        if name is None:
            return ""
        if name not in self.card.prompts:
            known = ", ".join(self.card.prompts) or "none"
            raise InvalidRequest(
                f"{self.name} has no prompt of that name; it has: {known}", param="prompt_name"
            )
        return self.card.prompts[name]

    def close(self) -> None:
        """Stop the runners, then free the session."""
        self.lane.close()
        for runner in self.runners:
            runner.join(timeout=10)
        self.loaded.session.close()
