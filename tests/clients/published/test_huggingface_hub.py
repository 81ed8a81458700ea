"""huggingface_hub's InferenceClient, which posts every task to the bare URL."""

from typing import Any

import numpy as np
import pytest

from .plain import BEST, DOCUMENTS, KEY, QUERY, TEXTS, WRONG_KEY, Target, lacking, same

hub = lacking("huggingface_hub")
errors = lacking("huggingface_hub.errors")

CLIENT = "huggingface_hub"
ROUTES = ("POST /", "POST /predict", "POST /similarity")


@pytest.fixture
def client(server: Target) -> Any:
    return hub.InferenceClient(server.url)


async def test_feature_extraction(server: Target, client: Any) -> None:
    same(client.feature_extraction(TEXTS), server.vectors(TEXTS))
    same(client.feature_extraction(QUERY), server.vectors([QUERY]))
    there = hub.AsyncInferenceClient(server.url)
    same(await there.feature_extraction(TEXTS), server.vectors(TEXTS))


def test_every_option(server: Target, client: Any) -> None:
    options = {"normalize": True, "truncate": True, "dimensions": 64}
    for side in ("left", "right"):
        found = client.feature_extraction(TEXTS, truncation_direction=side, **options)
        same(found[:-1], server.vectors(TEXTS[:-1], dimensions=64))
        raw = client.feature_extraction(TEXTS, truncate=True, truncation_direction=side)
        assert raw.shape == (len(TEXTS), 384)
    left = client.feature_extraction(["word " * 600 + "end"], truncation_direction="left")
    right = client.feature_extraction(["word " * 600 + "end"], truncation_direction="right")
    assert np.abs(left - right).max() > 1e-3


@pytest.mark.parametrize("path", ["", "/similarity"])
def test_similarity(server: Target, path: str) -> None:
    found = hub.InferenceClient(server.url + path).sentence_similarity(QUERY, DOCUMENTS)
    rows = server.vectors([QUERY, *DOCUMENTS])
    same(found, rows[1:] @ rows[0])
    assert int(np.argmax(found)) == BEST


def test_classification(labels: Target) -> None:
    """It takes the first of the list, which for TEI's answer is the best label alone."""
    found = hub.InferenceClient(f"{labels.url}/predict").text_classification(QUERY)
    best = labels.post("/predict", inputs=QUERY)[0]
    assert (found.label, found.score) == (best["label"], best["score"])
    again = hub.InferenceClient(labels.url).text_classification(QUERY)
    assert again == found


def test_errors_are_the_hubs(server: Target, client: Any, guarded: Target) -> None:
    def status(ask: Any, *given: Any, **more: Any) -> int:
        with pytest.raises(errors.HfHubHTTPError) as caught:
            ask(*given, **more)
        return int(caught.value.response.status_code)

    assert status(client.feature_extraction, QUERY, prompt_name="no-such") == 422
    assert status(client.feature_extraction, QUERY, dimensions=5000) == 422
    assert status(hub.InferenceClient(guarded.url, token=WRONG_KEY).feature_extraction, QUERY) == 401
    right = hub.InferenceClient(guarded.url, token=KEY)
    same(right.feature_extraction(QUERY), guarded.vectors([QUERY]))
    assert status(right.feature_extraction, ["a"] * 301) == 422
    assert status(right.text_classification, QUERY, model=f"{guarded.url}/predict") == 424
