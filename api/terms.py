"""On what terms a client wants its answer, as it says in headers: until when, and how urgent it is."""

import time
from dataclasses import replace

from starlette.datastructures import Headers
from starlette.requests import Request

from vectord.errors import InvalidRequest
from vectord.scheduler import Terms

from .auth import key_of

# ours, and the one that baseten's client sends
TIMES = ("x-request-timeout-ms", "request-timeout-ms")
PRIORITY = "x-vectord-priority"
PRIORITIES = {"interactive": False, "bulk": True}
LONGEST = 86_400_000  # milliseconds


def terms_of(request: Request) -> Terms:
    """Return the terms that a request states. Raises `InvalidRequest` for what is no time or no priority."""
    headers, came = request.headers, before_reading(request)
    return replace(came, deadline=deadline(headers), key=key_of(request.scope), bulk=bulk(headers))


def before_reading(request: Request) -> Terms:
    """Return what tells whether a request is to be read: from which connection it comes, and its size."""
    size = request.headers.get("content-length", "")
    known = size.isascii() and size.isdigit()
    return Terms(sender=request.scope.get("client"), size=int(size[:12]) if known else 0)


def deadline(headers: Headers) -> float | None:
    """Return when the answer is no longer wanted, of `time.perf_counter`."""
    name = next((name for name in TIMES if name in headers), None)
    return None if name is None else time.perf_counter() + milliseconds(headers[name], name) / 1000


def bulk(headers: Headers) -> bool | None:
    """Return whether the work can wait, None if the client does not say."""
    asked = headers.get(PRIORITY)
    if asked is not None and asked.lower() not in PRIORITIES:
        raise InvalidRequest(f"the header {PRIORITY} must be one of {', '.join(PRIORITIES)}")
    return None if asked is None else PRIORITIES[asked.lower()]


def milliseconds(text: str, name: str) -> int:
    """Return a whole number of milliseconds."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:12]) <= LONGEST):
        raise InvalidRequest(f"the header {name} must be a whole number of milliseconds, at most {LONGEST}")
    return int(text)
