"""The whole HTTP surface on one screen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from vectord.config import Settings
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
from .compress import Compressing
from .counting import Counting
from .dispatch import Dispatch
from .door import Door
from .drain import Drain, Draining
from .failures import Failures
from .faults import Faults
from .labels import Place
from .lingering import Lingering
from .metrics import Metrics
from .operation import Listed
from .request_id import RequestId
from .slicing import Slicing

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

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


def create_app(
    engine: Engine,
    settings: Settings,
    metrics: Metrics,
    drain: Drain | None = None,
    tracer: "Tracer | None" = None,
) -> ASGIApp:
    """Return the ASGI app. `drain` is what `serve` is given too; `tracer` makes spans (see `tracing`)."""
    drain = drain or Drain()
    metrics.watch(engine.served)
    door = Door(engine, settings, metrics, drain)
    surface = openapi.described(surface_of(settings))
    failures = Failures({listed.path: listed.operation.failing for listed in surface})
    app: ASGIApp = Dispatch(surface, door, failures)
    for layer, args, kwargs in reversed(middleware(surface, settings, metrics, drain, failures, tracer)):
        app = layer(app, *args, **kwargs)
    return app


def surface_of(settings: Settings) -> tuple[Listed, ...]:
    """Return the routes of the main port: all, but metrics that have a port of their own."""
    elsewhere = () if settings.metrics_port is None else (counting.METRICS,)
    return tuple(listed for listed in SURFACE if listed.operation not in elsewhere)


def middleware(
    surface: Sequence[Listed],
    settings: Settings,
    metrics: Metrics,
    drain: Drain,
    failures: Failures,
    tracer: "Tracer | None",
) -> list[Middleware]:
    """Return what every request passes, outermost first."""
    open_routes = frozenset((listed.method, listed.path) for listed in surface if listed.is_open)
    keys = settings.keys()
    layers = [
        Middleware(Slicing),
        Middleware(RequestId),
        Middleware(Draining, drain),
        Middleware(Lingering),
        *traced(tracer, surface, open_routes),
        Middleware(Counting, metrics=metrics, ignored=open_routes),
    ]
    if settings.cors_allow_origin:
        layers.append(cors(settings.cors_allow_origin))
    layers.append(Middleware(Faults, failures, drain))
    if settings.compress != "none":
        layers.append(Middleware(Compressing, settings.compress))
    if keys:
        layers.append(Middleware(Auth, keys=keys, open_routes=open_routes, failures=failures))
    return layers


def traced(tracer: "Tracer | None", surface: Sequence[Listed], ignored: frozenset[Place]) -> list[Middleware]:
    """Return what makes spans, where somebody wants them: it brings OpenTelemetry."""
    if tracer is None:
        return []
    from .tracing import Tracing

    paths = [listed.path for listed in surface]
    return [Middleware(Tracing, tracer=tracer, paths=paths, ignored=ignored)]


def cors(origins: tuple[str, ...]) -> Middleware:
    """Return leave for browsers; any header, as SDKs send a dozen of their own."""
    return Middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=("*",),
        expose_headers=("x-request-id", "x-vectord-truncated", "retry-after", "retry-after-ms"),
    )
