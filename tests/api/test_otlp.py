"""When spans are made, and what is told where they cannot be."""

import pytest

from vectord.api import otlp, tracing
from vectord.config import Settings
from vectord.errors import SettingError

HERE = "http://localhost:4318"
NAMED = {"OTEL_EXPORTER_OTLP_ENDPOINT": HERE}


@pytest.mark.parametrize(
    ("settings", "environ", "wanted"),
    [
        (Settings(), {}, False),
        (Settings(otlp_endpoint=HERE), {}, True),
        (Settings(), NAMED, True),
        (Settings(), {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": HERE}, True),
        (Settings(), {"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        (Settings(otlp_endpoint=HERE), {"OTEL_SDK_DISABLED": "TRUE"}, False),
        (Settings(), {**NAMED, "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_spans_are_made_where_a_collector_is_named(
    settings: Settings, environ: dict[str, str], wanted: bool
) -> None:
    assert otlp.is_wanted(settings, environ) is wanted


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        (None, None),
        (HERE, f"{HERE}/v1/traces"),
        (f"{HERE}/", f"{HERE}/v1/traces"),
        (f"{HERE}/v1/traces", f"{HERE}/v1/traces"),
        ("https://collector/base", "https://collector/base/v1/traces"),
    ],
)
def test_the_settings_address_is_the_collectors(endpoint: str | None, url: str | None) -> None:
    assert otlp.traces_url(Settings(otlp_endpoint=endpoint)) == url


def test_an_address_that_is_none_stops_the_start() -> None:
    with (
        pytest.raises(SettingError, match="--otlp-endpoint must be an address"),
        tracing(Settings(otlp_endpoint="localhost:4318"), {}),
    ):
        pass


def test_without_the_extra_a_setting_stops_the_start_and_a_variable_warns(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(otlp, "PACKAGES", ("opentelemetry_that_is_not_there.sdk",))
    with (
        pytest.raises(SettingError, match=r"pip install 'vectord\[otel\]'"),
        tracing(Settings(otlp_endpoint=HERE), {}),
    ):
        pass
    with tracing(Settings(), NAMED) as tracer:
        assert tracer is None
    assert "OTEL_EXPORTER_OTLP_ENDPOINT is set, but no traces are sent" in caplog.text
