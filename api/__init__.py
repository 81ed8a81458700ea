"""HTTP: one file per dialect; parse, ask the engine, answer."""

from .address import bind
from .app import create_app
from .drain import Drain
from .metrics import Metrics
from .otlp import tracing
from .serve import serve

__all__ = ["Drain", "Metrics", "bind", "create_app", "serve", "tracing"]
