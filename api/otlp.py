"""Where spans go: OpenTelemetry's SDK and its OTLP exporter, imported only where traces are asked for."""

import importlib.util
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from vectord import __version__
from vectord.config import Settings
from vectord.errors import SettingError

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

log = logging.getLogger(__name__)

PATH = "/v1/traces"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
NAMES = ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES")
PACKAGES = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http")
FLUSH_SECONDS = 2.0  # for the last spans to reach the collector


@contextmanager
def tracing(settings: Settings, environ: Mapping[str, str]) -> Iterator["Tracer | None"]:
    """Give what makes spans; None where no collector is named. Sends the last spans at the end.

    The SDK reads its own variables: sampler, headers, timeouts, limits. Raises `SettingError`.
    """
    if not is_wanted(settings, environ):
        yield None
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    own = {} if any(environ.get(name) for name in NAMES) else {SERVICE_NAME: "vectord"}
    provider = TracerProvider(resource=Resource.create(own), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=traces_url(settings))))
    try:
        yield provider.get_tracer("vectord", __version__)
    finally:
        # a collector that does not answer may take half a minute to be given up
        flushing = Thread(target=provider.shutdown, daemon=True)
        flushing.start()
        flushing.join(FLUSH_SECONDS)


def is_wanted(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Whether spans shall be made. Raises `SettingError` where a setting asks for what is not installed."""
    named = [name for name in ENDPOINTS if environ.get(name)]
    is_off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if is_off or environ.get("OTEL_TRACES_EXPORTER") == "none" or not (settings.otlp_endpoint or named):
        return False
    if is_installed():
        return True
    if settings.otlp_endpoint:
        raise SettingError("--otlp-endpoint needs OpenTelemetry: pip install 'vectord[otel]'")
    log.warning("%s is set, but no traces are sent: pip install 'vectord[otel]'", named[0])
    return False


def is_installed() -> bool:
    """Whether the extra's packages are there."""
    try:
        return all(importlib.util.find_spec(name) for name in PACKAGES)
    except ModuleNotFoundError:  # of a parent
        return False


def traces_url(settings: Settings) -> str | None:
    """Return the address for traces; None leaves it to OpenTelemetry's variables. Raises `SettingError`."""
    endpoint = settings.otlp_endpoint
    if endpoint is None:
        return None
    if not endpoint.startswith(("http://", "https://")):
        raise SettingError(f"--otlp-endpoint must be an address as http://localhost:4318, not {endpoint!r}")
    base = endpoint.rstrip("/")
    return base if base.endswith(PATH) else base + PATH
