"""The chart's alerts under Prometheus' own promtool: each fires when it should, and only then."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from .alert_cases import CASES, Case
from .debian import command
from .rendering import CI, NAMESPACE, Object, of_kind, values_of
from .series import BROKEN, HEALTHY, INTERVAL, scraped

PROMTOOL = command("promtool")
ON: Object = {"metrics": {"prometheusRule": {"enabled": True}}}
MANY = {**values_of(next(file for file in CI if file.stem == "multi-pool")), **ON}
# values, a release's full name, and its pools; the last one is the one that is looked at
SHAPES: dict[str, tuple[Object, str, tuple[str, ...]]] = {
    "one pool": (ON, "rel-vectord", ("default",)),
    "several pools": (MANY, "rel-vectord", ("large", "rerank", "default")),
    "metrics on the server's port": (
        {"metrics": {"port": 0, **ON["metrics"]}, "fullnameOverride": "vectors-of-all"},
        "vectors-of-all",
        ("default",),
    ),
}
SAYS = {
    "VectordAbsent": "No pod of {service} is scraped.",
    "VectordFails": "More than 1 % of requests to {service} fail.",
    "VectordFull": "{service} turns more than 1 % of requests away since it is full; add replicas.",
    "VectordSlow": "One request in a hundred to {service} waits for more than a second.",
    "VectordHangs": "An input in a waits for more than 30 seconds.",
    "VectordGaveUp": "A batch in a hung and was given up.",
}
CRITICAL = {"VectordAbsent", "VectordFails"}

needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool")


def promtool(*arguments: str, cwd: Path) -> str:
    assert PROMTOOL is not None
    done = subprocess.run([*PROMTOOL, *arguments], cwd=cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def written(values: Object, folder: Path) -> Path:
    """Write the rules of a release as Prometheus reads them from a file."""
    [rule] = of_kind("PrometheusRule", values)
    file = folder / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": rule["spec"]["groups"]}))
    return file


def expected(case: Case, service: str) -> list[dict[str, Any]]:
    """Return the alert that a case wants, if any."""
    if not case.by:
        return []
    known = {"namespace": NAMESPACE, "service": service, "pod": "a"}
    labels = {name: known[name] for name in case.by}
    severity = "critical" if case.alert in CRITICAL else "warning"
    summary = SAYS[case.alert].format(service=service)
    return [{"exp_labels": {**labels, "severity": severity}, "exp_annotations": {"summary": summary}}]


def test_of(case: Case, full: str, pools: tuple[str, ...]) -> dict[str, Any]:
    """Return a case as promtool reads it, among other pools that are well and strangers that are not."""
    *others, pool = pools
    service = f"{full}-{pool}"
    series = [
        *scraped(case.values, NAMESPACE, service),
        *(one for other in others for one in scraped(HEALTHY, NAMESPACE, f"{full}-{other}")),
        *scraped(BROKEN, "elsewhere", service),
        *scraped(BROKEN, NAMESPACE, f"{full}-{pool}-headless"),
    ]
    wanted = expected(case, service)
    look = {"eval_time": case.at, "alertname": case.alert, "exp_alerts": wanted}
    return {"interval": f"{INTERVAL}s", "input_series": series, "alert_rule_test": [look]}


test_of.__test__ = False  # type: ignore[attr-defined]  # a name, not a test


@needs_promtool
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.alert}: {case.what}")
def test_it_fires_when_it_should_and_only_then(case: Case, shape: str, tmp_path: Path) -> None:
    values, full, pools = SHAPES[shape]
    written(values, tmp_path)
    tests = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": f"{INTERVAL}s",
        "tests": [test_of(case, full, pools)],
    }
    (tmp_path / "tests.yaml").write_text(json.dumps(tests))
    assert "SUCCESS" in promtool("test", "rules", "tests.yaml", cwd=tmp_path)


@needs_promtool
def test_promtool_refuses_what_does_not_hold(tmp_path: Path) -> None:
    values, full, pools = SHAPES["one pool"]
    written(values, tmp_path)
    fires = next(case for case in CASES if case.by)
    wrong = test_of(fires, full, pools)
    wrong["alert_rule_test"][0]["exp_alerts"] = []
    (tmp_path / "tests.yaml").write_text(json.dumps({"rule_files": ["rules.yaml"], "tests": [wrong]}))
    with pytest.raises(AssertionError, match="FAILED"):
        promtool("test", "rules", "tests.yaml", cwd=tmp_path)


@needs_promtool
@pytest.mark.parametrize("file", CI, ids=lambda file: file.stem)
def test_prometheus_takes_the_rules(file: Path, tmp_path: Path) -> None:
    values = values_of(file)
    values["metrics"] = {**values.get("metrics", {}), "prometheusRule": {"enabled": True}}
    count = sum(len(group["rules"]) for group in of_kind("PrometheusRule", values)[0]["spec"]["groups"])
    assert f"SUCCESS: {count} rules found" in promtool(
        "check", "rules", written(values, tmp_path).name, cwd=tmp_path
    )


def test_every_alert_is_seen_to_fire_and_to_be_silent() -> None:
    [rule] = of_kind("PrometheusRule", ON)
    alerts = {one["alert"] for group in rule["spec"]["groups"] for one in group["rules"]}
    assert alerts == set(SAYS)
    assert (
        alerts == {case.alert for case in CASES if case.by} == {case.alert for case in CASES if not case.by}
    )


def test_a_pool_that_may_have_no_pod_is_not_missed() -> None:
    scaled = values_of(next(file for file in CI if file.stem == "keda"))
    [rule] = of_kind("PrometheusRule", scaled)
    alerts = {one["alert"] for group in rule["spec"]["groups"] for one in group["rules"]}
    assert "VectordAbsent" not in alerts
    assert "VectordFails" in alerts
