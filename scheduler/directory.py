"""Which served model a request means."""

from collections.abc import Sequence

from vectord.core import Task
from vectord.errors import UnknownModel, WrongTask

from .served import Served

VERBS: dict[Task, str] = {
    "embed": "embed",
    "embed_all": "embed every token",
    "sparse": "make sparse vectors",
    "rerank": "rerank",
    "classify": "classify",
    "token_classify": "classify tokens",
}


class Directory:
    """Served models in command-line order, found by name, alias or source."""

    def __init__(self, served: Sequence[Served]) -> None:
        self.served = tuple(served)
        self._by_name: dict[str, Served] = {}
        for names in (lambda one: (one.name,), lambda one: one.aliases, lambda one: (one.card.source,)):
            for one in self.served:
                for name in names(one):
                    self._by_name.setdefault(name, one)

    def find(self, name: str | None, task: Task) -> Served:
        """Return the model that a request means.

        A name that is not served raises `UnknownModel`; a model that cannot do the task `WrongTask`.
        Without a name: the first whose native task it is, else the first that can do it.
        """
        if name is None:
            return self._first(task)
        found = self.named(name)
        if not found.can(task):
            raise WrongTask(f"{found.name} cannot {VERBS[task]}; it can {abilities(found)}", param="model")
        return found

    def named(self, name: str | None) -> Served:
        """Return a model by name, without one the first. Raises `UnknownModel` that lists the served ones."""
        if name is None:
            return self.served[0]
        if name not in self._by_name:
            raise UnknownModel(
                f"The model {name[:100]!r} does not exist; served here: {self.listing()}", param="model"
            )
        return self._by_name[name]

    def listing(self) -> str:
        """Return the served names in one line."""
        return ", ".join(one.name for one in self.served)

    def _first(self, task: Task) -> Served:
        native = [one for one in self.served if one.card.tasks[0] == task]
        able = [one for one in self.served if one.can(task)]
        for one in native + able:
            return one
        offers = "; ".join(f"{one.name} can {abilities(one)}" for one in self.served)
        raise WrongTask(f"no served model can {VERBS[task]}: {offers}", param="model")


def abilities(served: Served) -> str:
    """Return what a model can do, in words."""
    return " and ".join(VERBS[task] for task in served.card.tasks)
