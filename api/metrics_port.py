"""GET /metrics on a port of its own: clients cannot read it, and a scraper reaches nothing else."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager

from starlette.types import ASGIApp

from vectord.config import Settings
from vectord.scheduler import Engine

from .address import METRICS_FLAGS, bind
from .counting import METRICS
from .dispatch import Dispatch
from .door import Door
from .drain import Drain
from .failures import Failures
from .faults import Faults
from .metrics import Metrics
from .operation import Listed
from .request_id import RequestId

SURFACE = (Listed("GET", "/metrics", METRICS),)


def create_metrics_app(engine: Engine, settings: Settings, metrics: Metrics, drain: Drain) -> ASGIApp:
    """Return the ASGI app of the metrics' port."""
    failures = Failures({})
    return RequestId(
        Faults(Dispatch(SURFACE, Door(engine, settings, metrics, drain), failures), failures, drain)
    )


@contextmanager
def bound_for_metrics(settings: Settings) -> Iterator[socket.socket | None]:
    """Take the metrics' port, where there is one, and give it back at last. Raises `StartError`."""
    if settings.metrics_port is None:
        yield None
        return
    with closing(bind(settings.host, settings.metrics_port, METRICS_FLAGS)) as sock:
        yield sock
