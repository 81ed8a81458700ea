"""On what terms a client wants its answer, as it says in headers: until when, and how urgent it is."""

import time

from starlette.requests import Request
from starlette.types import Scope

from vectord.errors import InvalidRequest
from vectord.scheduler import Terms

from .auth import key_of
from .fields import field

# ours, and the one that baseten's client sends
TIMES = (b"x-request-timeout-ms", b"request-timeout-ms")
PRIORITY = "x-vectord-priority"
PRIORITIES = {"interactive": False, "bulk": True}
LONGEST = 86_400_000  # milliseconds


def terms_of(request: Request) -> Terms:
    """Return the terms that a request states. Raises `InvalidRequest` for what is no time or no priority."""
    scope, came = request.scope, before_reading(request)
    return Terms(deadline(scope), key_of(scope), bulk(scope), came.sender, came.size)


def before_reading(request: Request) -> Terms:
    """Return what tells whether a request is to be read: from which connection it comes, and its size."""
    size = field(request.scope, b"content-length") or ""
    known = size.isascii() and size.isdigit()
    return Terms(sender=request.scope.get("client"), size=int(size[:12]) if known else 0)


def deadline(scope: Scope) -> float | None:
    """Return when the answer is no longer wanted, of `time.perf_counter`."""
    for name in TIMES:
        asked = field(scope, name)
        if asked is not None:
            return time.perf_counter() + milliseconds(asked, name.decode()) / 1000
    return None


def bulk(scope: Scope) -> bool | None:
    """Return whether the work can wait, None if the client does not say."""
    asked = field(scope, PRIORITY.encode())
    if asked is not None and asked.lower() not in PRIORITIES:
        raise InvalidRequest(f"the header {PRIORITY} must be one of {', '.join(PRIORITIES)}")
    return None if asked is None else PRIORITIES[asked.lower()]


def milliseconds(text: str, name: str) -> int:
    """Return a whole number of milliseconds."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:12]) <= LONGEST):
        raise InvalidRequest(f"the header {name} must be a whole number of milliseconds, at most {LONGEST}")
    return int(text)
