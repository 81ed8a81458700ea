"""Dashboard, alerts and scaler ask only for metrics and labels that the server has."""

import json
import re
from collections.abc import Iterator

import promql_parser
import pytest

from .rendering import CHART, CI, ROOT, objects, of_kind, values_of

# what Prometheus adds to a target of a ServiceMonitor, and to a histogram
OF_THE_TARGET = {"namespace", "service", "pod", "le"}
SUFFIXES = {"counter": ("",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


def known() -> dict[str, set[str]]:
    """Return each series of /metrics with its labels, as docs/observability.md lists them (tested there)."""
    page = (ROOT / "docs/observability.md").read_text()
    rows = re.findall(r"^\| `(vectord_\w+)` \| (\w+) \| ([\w, ]+) \|", page, re.MULTILINE)
    return {
        name + suffix: set(labels.split(", ")) | OF_THE_TARGET
        for name, kind, labels in rows
        for suffix in SUFFIXES[kind]
    }


def dashboard() -> Iterator[str]:
    """Yield the dashboard's questions, its variables filled in."""
    board = json.loads((CHART / "dashboards/vectord.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$__rate_interval", "5m")
    for variable in board["templating"]["list"]:
        found = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"])
        if found:
            yield f"sum by ({found[2]}) ({found[1]})"


def rendered() -> Iterator[str]:
    """Yield what alerts and scalers ask, in all of ci/."""
    for file in CI:
        for one in objects(values_of(file)):
            if one["kind"] == "ScaledObject":
                yield one["spec"]["triggers"][0]["metadata"]["query"]
            if one["kind"] == "PrometheusRule":
                yield from (rule["expr"] for group in one["spec"]["groups"] for rule in group["rules"])


QUESTIONS = sorted({*dashboard(), *rendered()})


def asked(question: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each series that a question names, with all labels that it names anywhere."""
    tree = promql_parser.parse(question).prettify()  # raises where it is no PromQL
    grouped = {label.strip() for found in re.findall(r"by \(([^)]*)\)", tree) for label in found.split(",")}
    for name, matchers in re.findall(r"(vectord_\w+)(?:\{([^}]*)\})?", tree):
        yield name, grouped | set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))


@pytest.mark.parametrize("question", QUESTIONS)
def test_questions_name_what_the_server_has(question: str) -> None:
    series = known()
    named = list(asked(question))
    assert named
    for name, labels in named:
        assert name in series
        assert labels <= series[name], name


def test_the_documentation_lists_the_metrics() -> None:
    assert len(known()) > 20
    assert len(QUESTIONS) > 15


def test_the_scaler_asks_for_what_waits_and_what_runs_in_its_own_pool() -> None:
    values = {
        "poolDefaults": {"autoscaling": {"type": "keda", "keda": {"serverAddress": "http://p:9090"}}},
        "pools": {"other": {"models": [{"id": "x"}]}},
    }
    for one in of_kind("ScaledObject", values):
        [trigger] = one["spec"]["triggers"]
        which = f'{{namespace="ns",service="{one["metadata"]["name"]}"}}'
        assert trigger["metadata"]["query"] == (
            f"sum(vectord_requests_waiting{which}) + sum(vectord_requests_running{which})"
        )
        assert (trigger["metricType"], trigger["metadata"]["threshold"]) == ("AverageValue", "32")


def test_only_a_pool_that_may_be_empty_takes_no_metric_for_no_work() -> None:
    keda = {"serverAddress": "http://p:9090", "extraTriggers": [{"type": "cron", "metadata": {}}]}
    for least, ignored in ((0, "true"), (1, "false")):
        scaling = {"type": "keda", "minReplicas": least, "keda": keda}
        [scaled] = of_kind("ScaledObject", {"poolDefaults": {"autoscaling": scaling}})
        assert scaled["spec"]["triggers"][0]["metadata"]["ignoreNullValues"] == ignored


def test_the_shipped_dashboard_is_what_the_configmap_holds() -> None:
    [board] = of_kind("ConfigMap", {"metrics": {"dashboard": {"enabled": True}}})
    assert json.loads(board["data"]["vectord.json"]) == json.loads(
        (CHART / "dashboards/vectord.json").read_text()
    )
