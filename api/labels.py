"""What a request is counted under: only served names and known tasks, so that series stay few."""

from dataclasses import dataclass

from starlette.types import Scope

from vectord.errors import Reason

Place = tuple[str, str]
OTHER = "other"
SCOPE_KEY = "vectord.labels"


@dataclass(slots=True)
class Labels:
    """A request's labels; `other` until the route and the model are known.

    `accepted`: it got a place in work; `reason`: why it was refused, if it was.
    """

    model: str = OTHER
    task: str = OTHER
    accepted: bool = False
    reason: Reason | None = None


def place_of(scope: Scope) -> Place:
    """Return a request's method and path; where one may GET, one may ask for the headers alone."""
    return "GET" if scope["method"] == "HEAD" else scope["method"], scope["path"]


def labels_of(scope: Scope) -> Labels:
    """Return the labels of the request at hand."""
    labels: Labels = scope.setdefault(SCOPE_KEY, Labels())
    return labels
