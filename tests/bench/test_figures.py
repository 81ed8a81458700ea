"""The figures of `make bench` follow from the rounds."""

from typing import Any

import pytest
from bench.figures import Figure, Shown, content, figures, table

from vectord.bench.rounds import Results
from vectord.bench.summary import Spread

LIMIT, EDGE, ENCODE = "limit openvino bfloat16", "vectord without its model", "sentence-transformers encode"


def run(contender: str, workload: str, connections: int, seconds: float, **more: Any) -> dict[str, Any]:
    plain = {"texts": 100, "words": 1000, "server_cpu": 0.05, "client_cpu": 0.02, "round": 0}
    place = {"contender": contender, "workload": workload, "connections": connections}
    return {**plain, **place, "seconds": seconds, **more}


@pytest.fixture
def found() -> dict[str, Figure]:
    """100 texts on two cores: the limit takes 1 s, the server 1.1 s, the edge 0.05 and the client 0.02 s."""
    runs = [
        run("vectord", "mixed", 64, 1.1, server_cpu=2.1),
        run(LIMIT, "mixed", 64, 1.0, server_cpu=1.9),
        run(EDGE, "mixed", 64, 1.0),
        run("infinity", "mixed", 64, 12.0),
        run(ENCODE, "mixed", 64, 3.3),
        run("vectord openvino float32", "mixed", 64, 2.0),
        run("vectord onnx float32", "mixed", 64, 2.5),
        run("limit openvino float32", "mixed", 64, 1.9),
        run("vectord", "short", 1, 1.0, latency={"p50": 0.0042}),
        run(LIMIT, "short", 1, 1.0, latency={"p50": 0.003}),
    ]
    return {one.name: one for one in figures(Shown(Results(runs), LIMIT, 2, 64))}


def median(found: dict[str, Figure], name: str) -> float:
    return found[name].spread.median


def test_m_e_and_c_are_core_seconds_of_a_text(found: dict[str, Figure]) -> None:
    told = "mixed, 64 connections: "
    assert median(found, f"{told}m, {LIMIT}, core ms a text") == pytest.approx(0.02)
    assert median(found, f"{told}e, edge and tokenising, core ms a text") == pytest.approx(0.0005)
    assert median(found, f"{told}c, load client, core ms a text") == pytest.approx(0.0002)
    assert median(found, f"{told}cores / (m + e + c), texts/s") == pytest.approx(2 / 0.0207)
    share = found[f"{told}served / (cores / (m + e + c))"]
    assert share.spread.median == pytest.approx((100 / 1.1) / (2 / 0.0207))
    assert share.verdict == "missed"
    by_cpu = median(found, f"{told}(m + e + c) / (server + client), by CPU time")
    assert by_cpu == pytest.approx((0.019 + 0.0005 + 0.0002) / (0.021 + 0.0002))


def test_ratios_are_of_words_per_second(found: dict[str, Figure]) -> None:
    assert median(found, f"mixed: vectord over {LIMIT}") == pytest.approx(1 / 1.1)
    assert found[f"mixed: vectord over {LIMIT}"].verdict == "met"
    assert median(found, "mixed: vectord over infinity") == pytest.approx(12 / 1.1)
    assert found[f"mixed: vectord over {ENCODE}"].verdict == "missed"
    single = "mixed: vectord openvino float32 over "
    assert median(found, f"{single}infinity") == pytest.approx(6)
    assert median(found, f"{single}limit openvino float32") == pytest.approx(0.95)
    assert not any("onnx float32" in name for name in found)


def test_one_short_query_is_compared_with_the_bare_backend(found: dict[str, Figure]) -> None:
    more = found["one short query, served - bare: p50, ms"]
    assert more.spread.median == pytest.approx(0.0012)
    assert more.verdict == "missed"
    assert "| one short query, served - bare: p50, ms | 1.20 | ≤ 1 | missed |" in table([more])


def test_what_was_not_measured_gives_no_figure() -> None:
    assert figures(Shown(Results(), LIMIT, 2, 64)) == []
    [written] = content([Figure("a", Spread(1, 1, 1), 1)])
    assert written["verdict"] == "met"
