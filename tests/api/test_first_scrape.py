"""What a scaler and alerts ask for is there with 0 at the first scrape after readiness, for every model."""

import re
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.server import serving
from tests.shared import Checkpoints

PAGE = Path(__file__).parents[2] / "docs/observability.md"
DOCUMENTED = re.findall(r"^\| `(vectord_\w+)` \| (\w+) \|", PAGE.read_text(), re.MULTILINE)
METRICS_ON = re.compile(r"metrics on (http://\S+:\d+)")


def test_every_series_is_there_with_0_as_soon_as_the_server_is_ready(checkpoint: Checkpoints) -> None:
    env = {
        "VECTORD_MODELS": f"one={checkpoint('bert')} two={checkpoint('bert_rerank')}",
        "VECTORD_METRICS_PORT": "0",
    }
    with serving(env=env) as server:
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        [url] = [match[1] for line in server.log if (match := METRICS_ON.search(line))]
        text = httpx.get(f"{url}/metrics").text
    found = {family.name: family for family in text_string_to_metric_families(text)}
    assert len(DOCUMENTED) > 15
    for name, kind in DOCUMENTED:
        family = found.pop(name.removesuffix("_total"))
        assert family.type == kind
        by_model: dict[str, list[float]] = {model: [] for model in ("one", "two")}
        for sample in family.samples:
            by_model.setdefault(sample.labels["model"], []).append(sample.value)
        expected = {1.0} if name == "vectord_replicas" else {0.0}
        assert {*by_model["one"]} == {*by_model["two"]} == expected, name
    assert not found, "the page lacks metrics"
