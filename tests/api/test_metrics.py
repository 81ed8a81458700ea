import asyncio
from typing import get_args

import httpx
from prometheus_client.parser import text_string_to_metric_families as families

from vectord.api import Metrics
from vectord.errors import Reason

from .fake import FakeEngine


async def scrape(client: httpx.AsyncClient) -> dict[str, float]:
    text = (await client.get("/metrics")).text
    return {
        sample.name + "".join(f",{key}={value}" for key, value in sorted(sample.labels.items())): sample.value
        for family in families(text)
        for sample in family.samples
    }


async def test_every_name_is_there_with_0_from_the_start(client: httpx.AsyncClient) -> None:
    seen = await scrape(client)
    for model in ("mini", "cross"):
        for name in ("requests_waiting", "requests_running", "tokens_total", "batch_fill_ratio"):
            assert seen[f"vectord_{name},model={model}"] == 0
    for model, task in (("mini", "embed"), ("mini", "rerank"), ("cross", "rerank")):
        assert seen[f"vectord_request_seconds_count,model={model},task={task}"] == 0
        for status in ("200", "400", "429", "499", "500", "503"):
            assert seen[f"vectord_requests_total,model={model},status={status},task={task}"] == 0
    assert not any(value for name, value in seen.items() if not name.startswith("vectord_replicas"))


async def test_requests_count_under_their_model_and_status(
    client: httpx.AsyncClient, engine: FakeEngine
) -> None:
    await client.post("/v1/embeddings", json={"input": "a", "model": "org/mini"})
    await client.post("/embed", json={"inputs": ""})
    await client.post("/rerank", json={"query": "a", "documents": ["a"]})
    engine.full = True
    await client.post("/rerank", json={"query": "a", "documents": ["a"]})
    seen = await scrape(client)
    assert seen["vectord_requests_total,model=mini,status=200,task=embed"] == 1
    assert seen["vectord_requests_total,model=mini,status=400,task=embed"] == 1
    assert seen["vectord_requests_total,model=cross,status=200,task=rerank"] == 1
    assert seen["vectord_requests_total,model=other,status=429,task=rerank"] == 1
    assert seen["vectord_request_seconds_count,model=mini,task=embed"] == 2


async def test_what_a_client_makes_up_becomes_other(client: httpx.AsyncClient) -> None:
    before = (await scrape(client)).keys()
    await client.post("/v1/embeddings", json={"input": "a", "model": "made-up"})
    await client.get("/made-up")
    await client.request("BREW", "/v1/models")
    await client.post("/embed", content=b"{")
    seen = await scrape(client)
    assert seen.keys() == before
    assert seen["vectord_requests_total,model=other,status=404,task=embed"] == 1
    assert seen["vectord_requests_total,model=other,status=404,task=other"] == 1
    assert seen["vectord_requests_total,model=other,status=405,task=other"] == 1
    assert seen["vectord_requests_total,model=other,status=400,task=embed"] == 1


async def test_batches_count_tokens_and_fill(client: httpx.AsyncClient, metrics: Metrics) -> None:
    metrics.batches.finished("mini", tokens=30, padded_tokens=40, seconds=0.5)
    metrics.batches.finished("mini", tokens=40, padded_tokens=40, seconds=0.25)
    seen = await scrape(client)
    assert seen["vectord_tokens_total,model=mini"] == 70
    assert seen["vectord_batch_seconds_total,model=mini"] == 0.75
    assert 0.75 < seen["vectord_batch_fill_ratio,model=mini"] < 1


async def test_batches_say_how_large_they_were(client: httpx.AsyncClient, metrics: Metrics) -> None:
    metrics.batches.finished("mini", tokens=30, padded_tokens=40, seconds=0.5)
    metrics.batches.finished("mini", tokens=300, padded_tokens=320, seconds=0.5)
    seen = await scrape(client)
    assert seen["vectord_padded_tokens_total,model=mini"] == 360
    assert seen["vectord_batch_tokens_sum,model=mini"] == 330
    assert seen["vectord_batch_tokens_bucket,le=32.0,model=mini"] == 1
    assert seen["vectord_batch_tokens_bucket,le=512.0,model=mini"] == 2


async def test_every_reason_and_outcome_is_there_with_0_from_the_start(client: httpx.AsyncClient) -> None:
    seen = await scrape(client)
    for model in ("mini", "cross", "other"):
        for reason in get_args(Reason):
            assert seen[f"vectord_refusals_total,model={model},reason={reason}"] == 0
        for outcome in ("answered", "failed", "cancelled"):
            assert seen[f"vectord_requests_ended_total,model={model},outcome={outcome}"] == 0
        assert seen[f"vectord_requests_in_work,model={model}"] == 0
        for phase in ("tokenise", "queue", "run", "encode"):
            assert seen[f"vectord_phase_seconds_count,model={model},phase={phase}"] == 0


async def test_a_refusal_counts_under_its_reason(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    await client.post("/v1/embeddings", json={"input": "", "model": "mini"})
    await client.post("/v1/embeddings", content=b" " * 9_000_000)
    await client.post("/v1/embeddings", json={"input": ["a"] * 3000})
    await client.get("/made-up")
    await client.post("/embed", json={"inputs": "fail"})
    engine.full = True
    await client.post("/v1/embeddings", json={"input": "a"})
    seen = {name: value for name, value in (await scrape(client)).items() if "refusals" in name and value}
    assert seen == {
        "vectord_refusals_total,model=mini,reason=invalid": 1,
        "vectord_refusals_total,model=other,reason=payload": 1,
        "vectord_refusals_total,model=other,reason=too_many_inputs": 1,
        "vectord_refusals_total,model=other,reason=unknown_route": 1,
        "vectord_refusals_total,model=other,reason=too_many_requests": 1,
    }


async def test_what_was_accepted_ends_once(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    await client.post("/v1/embeddings", json={"input": "a"})
    await client.post("/v1/embeddings", json={"input": "fail"})
    await client.post("/v1/embeddings", json={"input": "bug"})
    await client.post("/v1/embeddings", content=b"{")
    held = asyncio.create_task(client.post("/v1/embeddings", json={"input": "hold"}))
    await engine.held.wait()
    seen = await scrape(client)
    assert seen["vectord_requests_accepted_total,model=mini"] == 4
    assert seen["vectord_requests_in_work,model=mini"] == 1
    engine.release.set()
    await held
    seen = await scrape(client)
    assert seen["vectord_requests_in_work,model=mini"] == 0
    assert seen["vectord_requests_ended_total,model=mini,outcome=answered"] == 2
    assert seen["vectord_requests_ended_total,model=mini,outcome=failed"] == 2
    assert seen["vectord_requests_accepted_total,model=other"] == 0


async def test_lanes_are_read_when_scraped(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    engine.served[0].waiting, engine.served[0].running = 7, 2
    seen = await scrape(client)
    assert seen["vectord_requests_waiting,model=mini"] == 7
    assert seen["vectord_requests_running,model=mini"] == 2


async def test_openmetrics_is_given_when_asked_for(client: httpx.AsyncClient) -> None:
    accept = "application/openmetrics-text; version=1.0.0"
    answer = await client.get("/metrics", headers={"accept": accept})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
