"""API keys: looked at before the body is read, compared in constant time, never logged."""

import hmac
from collections.abc import Collection, Iterable, Iterator

from starlette.types import ASGIApp, Receive, Scope, Send

from vectord.errors import Unauthorized

from .failures import Failures
from .labels import Place, place_of

SCHEME = b"bearer "
# litellm takes a 401 for a bad request unless the message begins so.
REFUSAL = "Incorrect API key provided. Send it as `Authorization: Bearer KEY` or `x-api-key: KEY`."


class Auth:
    """Middleware: refuse requests without a known key, but for the open routes."""

    def __init__(
        self, app: ASGIApp, *, keys: Iterable[str], open_routes: Collection[Place], failures: Failures
    ) -> None:
        self.app = app
        self.keys = tuple(key.encode() for key in keys)
        self.open_routes = open_routes
        self.failures = failures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on what carries a key."""
        if scope["type"] != "http" or place_of(scope) in self.open_routes or self.knows(scope):
            return await self.app(scope, receive, send)
        refusal = self.failures.render(scope, Unauthorized(REFUSAL), {"WWW-Authenticate": "Bearer"})
        await refusal(scope, receive, send)

    def knows(self, scope: Scope) -> bool:
        """Whether the request carries one of the keys."""
        known = False
        for sent in sent_keys(scope["headers"]):
            for key in self.keys:  # all of them, so that the time tells nothing
                known |= hmac.compare_digest(sent, key)
        return known


def sent_keys(headers: list[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """Yield what the request offers: `Authorization: Bearer K`, `Authorization: K`, `x-api-key: K`."""
    for name, value in headers:
        if name == b"x-api-key":
            yield value.strip()
        elif name == b"authorization":
            has_scheme = value[: len(SCHEME)].lower() == SCHEME
            yield (value[len(SCHEME) :] if has_scheme else value).strip()
