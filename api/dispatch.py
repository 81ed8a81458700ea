"""From a path to its operation, and from what that raises to an answer.

Not Starlette's router: it tries a pattern for each route in turn, within six layers of its own, for what
a dictionary and one `try` do.
"""

from collections.abc import Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from vectord.errors import RequestError, UnknownRoute, WrongMethod

from .door import Door
from .failures import Failures
from .hangup import ClientLeft
from .operation import Listed, Operation, handle

Methods = dict[str, Operation]


class Dispatch:
    """The ASGI app within all middleware."""

    def __init__(self, surface: Iterable[Listed], door: Door, failures: Failures) -> None:
        self._door = door
        self._failures = failures
        self._exact: dict[str, Methods] = {}
        self._below: dict[tuple[str, str], Methods] = {}  # by the path's beginning and the rest's name
        for one in surface:
            begin, _, rest = one.path.partition("{")
            found = self._below.setdefault((begin, rest.removesuffix(":path}")), {}) if rest else None
            methods = self._exact.setdefault(one.path, {}) if found is None else found
            methods[one.method] = one.operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; there are no websockets."""
        if scope["type"] != "http":
            return await send({"type": f"{scope['type']}.close"})
        try:
            answer = await self._answer(Request(scope, receive))
        except ClientLeft:
            return
        await answer(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        scope = request.scope
        try:
            methods = self._methods(scope)
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            operation = methods.get(method)
            if operation is None:
                return self._wrong_method(scope, methods)
            return await handle(operation, self._door, request)
        except RequestError as error:
            return self._failures.render(scope, error)

    def _methods(self, scope: Scope) -> Mapping[str, Operation]:
        """Return what there is at the path. Raises `UnknownRoute`."""
        path: str = scope["path"]
        found = self._exact.get(path)
        if found is not None:
            return found
        for (begin, name), methods in self._below.items():
            if path.startswith(begin):
                scope["path_params"] = {name: path[len(begin) :]}
                return methods
        raise UnknownRoute("No such route; GET /openapi.json lists them all.")

    def _wrong_method(self, scope: Scope, methods: Mapping[str, Operation]) -> Response:
        allowed = ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))
        return self._failures.render(scope, WrongMethod(f"This route takes {allowed}."), {"Allow": allowed})
