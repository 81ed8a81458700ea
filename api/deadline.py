"""Until when a client wants its answer, as it says in a header."""

import time

from starlette.datastructures import Headers

from vectord.errors import InvalidRequest
from vectord.scheduler import Terms

# ours, and the one that baseten's client sends
NAMES = ("x-request-timeout-ms", "request-timeout-ms")
LONGEST = 86_400_000  # milliseconds


def terms_of(headers: Headers) -> Terms:
    """Return the terms that a request states. Raises `InvalidRequest` for a time that is no number."""
    for name in NAMES:
        if name in headers:
            return Terms(time.perf_counter() + milliseconds(headers[name], name) / 1000)
    return Terms()


def milliseconds(text: str, name: str) -> int:
    """Return a whole number of milliseconds."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:12]) <= LONGEST):
        raise InvalidRequest(f"the header {name} must be a whole number of milliseconds, at most {LONGEST}")
    return int(text)
