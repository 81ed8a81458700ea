"""What a request is counted under: only served names and known tasks, so that series stay few."""

from dataclasses import dataclass

from starlette.types import Scope

OTHER = "other"
SCOPE_KEY = "vectord.labels"


@dataclass(slots=True)
class Labels:
    """A request's labels; `other` until the route and the model are known."""

    model: str = OTHER
    task: str = OTHER


def labels_of(scope: Scope) -> Labels:
    """Return the labels of the request at hand."""
    labels: Labels = scope.setdefault(SCOPE_KEY, Labels())
    return labels
