"""API keys: looked at before the body is read, compared in constant time, never logged."""

import hmac
from collections.abc import Collection, Iterable, Iterator

from starlette.types import ASGIApp, Receive, Scope, Send

from vectord.errors import Unauthorized

from .failures import Failures
from .labels import Place, place_of

SCOPE_KEY = "vectord.key"
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
        if scope["type"] != "http" or place_of(scope) in self.open_routes:
            return await self.app(scope, receive, send)
        scope[SCOPE_KEY] = self.known(scope)
        if key_of(scope) is not None:
            return await self.app(scope, receive, send)
        refusal = self.failures.render(scope, Unauthorized(REFUSAL), {"WWW-Authenticate": "Bearer"})
        await refusal(scope, receive, send)

    def known(self, scope: Scope) -> int | None:
        """Return which of the keys the request carries, None if it carries none."""
        known = None
        for sent in sent_keys(scope["headers"]):
            for index, key in enumerate(self.keys):  # all of them, so that the time tells nothing
                known = index if hmac.compare_digest(sent, key) else known
        return known


def key_of(scope: Scope) -> int | None:
    """Return which of the server's keys a request carries, None where none was asked for."""
    known: int | None = scope.get(SCOPE_KEY)
    return known


def sent_keys(headers: list[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """Yield what the request offers: `Authorization: Bearer K`, `Authorization: K`, `x-api-key: K`."""
    for name, value in headers:
        if name == b"x-api-key":
            yield value.strip()
        elif name == b"authorization":
            has_scheme = value[: len(SCHEME)].lower() == SCHEME
            yield (value[len(SCHEME) :] if has_scheme else value).strip()
