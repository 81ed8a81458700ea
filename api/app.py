"""The whole HTTP surface on one screen."""

from collections.abc import Iterable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from vectord.config import Settings
from vectord.errors import RequestError
from vectord.scheduler import Engine

from . import (
    classify,
    cohere_embed,
    counting,
    health,
    models,
    openai,
    openapi,
    pooling,
    rerank,
    score,
    tei_alias,
    tei_info,
    tei_predict,
    tei_similarity,
    tei_tokens,
    tei_vectors,
    tei_vertex,
)
from .auth import Auth
from .counting import Counting
from .door import Door
from .drain import Drain, Draining
from .failures import Failures
from .faults import Faults
from .hangup import ClientLeft, no_answer
from .lingering import Lingering
from .metrics import Metrics
from .operation import Listed
from .request_id import RequestId

SURFACE = (
    Listed("POST", "/v1/embeddings", openai.EMBEDDINGS),
    Listed("POST", "/embeddings", openai.EMBEDDINGS),
    Listed("GET", "/v1/models", models.LIST),
    Listed("GET", "/models", models.LIST_BUSY),
    Listed("GET", "/v1/models/{id:path}", models.GET),
    Listed("POST", "/rerank", rerank.RERANK),
    Listed("POST", "/v1/rerank", rerank.RERANK_V1),
    Listed("POST", "/v2/rerank", rerank.RERANK_V2),
    Listed("POST", "/score", score.SCORE),
    Listed("POST", "/v1/score", score.SCORE),
    Listed("POST", "/classify", classify.CLASSIFY),
    Listed("POST", "/pooling", pooling.POOLING),
    Listed("POST", "/v1/embed", cohere_embed.EMBED_V1),
    Listed("POST", "/v2/embed", cohere_embed.EMBED_V2),
    Listed("POST", "/embed", tei_vectors.EMBED),
    Listed("POST", "/embed_all", tei_vectors.EMBED_ALL),
    Listed("POST", "/embed_sparse", tei_vectors.EMBED_SPARSE),
    Listed("POST", "/predict", tei_predict.PREDICT),
    Listed("POST", "/predict_tokens", tei_predict.PREDICT_TOKENS),
    Listed("POST", "/similarity", tei_similarity.SIMILARITY),
    Listed("POST", "/tokenize", tei_tokens.TOKENIZE),
    Listed("POST", "/decode", tei_tokens.DECODE),
    Listed("GET", "/info", tei_info.INFO),
    Listed("GET", "/", health.HEALTH),
    Listed("POST", "/", tei_alias.ALIAS),
    Listed("POST", "/invocations", tei_alias.ALIAS),
    Listed("GET", "/ping", health.HEALTH),
    Listed("POST", "/vertex", tei_vertex.VERTEX),
    Listed("GET", "/livez", health.LIVEZ),
    Listed("GET", "/readyz", health.READYZ),
    Listed("GET", "/health", health.HEALTH),
    Listed("GET", "/metrics", counting.METRICS),
)


def create_app(engine: Engine, settings: Settings, metrics: Metrics, drain: Drain | None = None) -> ASGIApp:
    """Return the ASGI app. `drain` is what `serve` is given too."""
    drain = drain or Drain()
    metrics.watch(engine.served)
    door = Door(engine, settings, metrics, drain)
    surface = openapi.described(SURFACE)
    failures = Failures({listed.path: listed.operation.failing for listed in surface}, methods(surface))
    app = Starlette(
        routes=[listed.route(door) for listed in surface],
        middleware=middleware(settings, metrics, drain, failures),
        exception_handlers={
            RequestError: failures.request_error,
            HTTPException: failures.http_exception,
            ClientLeft: no_answer,  # type: ignore[dict-item]  # Starlette takes None for "say nothing"
        },
    )
    # A redirect would name the scheme and host that a proxy hides.
    app.router.redirect_slashes = False
    return app


def methods(surface: Iterable[Listed]) -> dict[str, set[str]]:
    """Return the methods of every path."""
    found: dict[str, set[str]] = {}
    for listed in surface:
        found.setdefault(listed.path, set()).add(listed.method)
    return found


def middleware(settings: Settings, metrics: Metrics, drain: Drain, failures: Failures) -> list[Middleware]:
    """Return what every request passes, outermost first."""
    open_routes = frozenset((listed.method, listed.path) for listed in SURFACE if listed.is_open)
    keys = settings.keys()
    layers = [
        Middleware(RequestId),
        Middleware(Draining, drain),
        Middleware(Lingering),
        Middleware(Counting, metrics=metrics, ignored=open_routes),
    ]
    if settings.cors_allow_origin:
        layers.append(cors(settings.cors_allow_origin))
    layers.append(Middleware(Faults, failures, drain))
    if keys:
        layers.append(Middleware(Auth, keys=keys, open_routes=open_routes, failures=failures))
    return layers


def cors(origins: tuple[str, ...]) -> Middleware:
    """Return leave for browsers; any header, as SDKs send a dozen of their own."""
    return Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=("*",),
        expose_headers=("x-request-id", "x-vectord-truncated", "retry-after"),
    )
