"""HTTP: one file per dialect; parse, ask the engine, answer."""

from .address import bind
from .app import create_app
from .drain import Drain
from .metrics import Metrics
from .metrics_port import bound_for_metrics, create_metrics_app
from .otlp import tracing
from .serve import serve

__all__ = [
    "Drain",
    "Metrics",
    "bind",
    "bound_for_metrics",
    "create_app",
    "create_metrics_app",
    "serve",
    "tracing",
]
