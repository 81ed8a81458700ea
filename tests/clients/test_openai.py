"""The real OpenAI SDK, in a process of its own, against a real server with the real model."""

import json
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from numpy.typing import NDArray

from ..checkpoints import TEXTS
from ..server import Server, environment
from .conftest import KEY

SCRIPT = Path(__file__).with_name("sdk.py")
COUNT, LIMIT = 200, 256
TEXT = "a-private-text"


def mixed_texts() -> list[str]:
    """Return distinct texts of 1 to 400 words, some over the model's limit."""
    draw = random.Random(1)
    words = " ".join(TEXTS).split()
    lengths = [min(400, int(draw.lognormvariate(3.4, 1.1)) + 1) for _ in range(COUNT)]
    return [f"{index} " + " ".join(draw.choices(words, k=length)) for index, length in enumerate(lengths)]


@dataclass(frozen=True)
class Answers:
    texts: list[str]
    vectors: dict[str, NDArray[np.float64]]
    told: dict[str, Any]


@pytest.fixture(scope="module")
def answers(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    texts, out = mixed_texts(), tmp_path_factory.mktemp("sdk") / "vectors.npz"
    done = subprocess.run(
        [sys.executable, SCRIPT, f"{server.url}/v1", "any", out],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=90,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr
    with np.load(out) as vectors:
        return Answers(texts, dict(vectors), json.loads(done.stdout))


def test_one_request_and_two_hundred_agree_in_order(answers: Answers) -> None:
    similarity = answers.vectors["default"] @ answers.vectors["alone"].T
    assert similarity.shape == (COUNT, COUNT)
    assert similarity.diagonal().min() >= 0.9999
    assert (similarity.argmax(axis=1) == np.arange(COUNT)).all()


def test_vectors_are_unit_vectors(answers: Answers) -> None:
    for vectors in answers.vectors.values():
        assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


def test_base64_and_floats_are_the_same_bits(answers: Answers) -> None:
    default, floats = (answers.vectors[name].astype(np.float32) for name in ("default", "floats"))
    assert default.tobytes() == floats.tobytes()


def test_dimensions_cut_and_renormalise(answers: Answers) -> None:
    short, whole = answers.vectors["short"], answers.vectors["default"][:8, :64]
    assert short.shape == (8, 64)
    expected = whole / np.linalg.norm(whole, axis=1, keepdims=True)
    assert (short * expected).sum(axis=1).min() >= 0.9999


def test_usage_counts_real_tokens(answers: Answers) -> None:
    usage = answers.told["usage"]
    words = sum(len(text.split()) for text in answers.texts)
    cut = sum(len(text.split()) >= LIMIT - 1 for text in answers.texts)
    assert usage["prompt_tokens"] == usage["total_tokens"] > words / 2
    assert usage["truncated"] >= cut > 0


def test_the_answer_has_a_request_id(answers: Answers) -> None:
    assert answers.told["request_id"]


def test_models_are_listed_and_retrieved(answers: Answers) -> None:
    assert answers.told["model"] == "all-MiniLM-L6-v2"
    assert answers.told["models"] == ["all-MiniLM-L6-v2"]
    assert answers.told["retrieved"] == "all-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("case", "kind", "status", "code", "param"),
    [
        ("empty", openai.BadRequestError, 400, None, "input"),
        ("dimensions", openai.BadRequestError, 400, None, "dimensions"),
        ("model", openai.NotFoundError, 404, "model_not_found", "model"),
        ("large", openai.APIStatusError, 413, "payload_too_large", None),
    ],
)
def test_refusals_are_the_sdks_own_errors(
    answers: Answers, case: str, kind: type, status: int, code: str | None, param: str | None
) -> None:
    error = answers.told["refused"][case]
    assert issubclass(getattr(openai, error["class"]), kind)
    assert (error["status"], error["code"], error["param"]) == (status, code, param)
    assert error["request_id"]


def test_an_unknown_model_is_told_the_served_ones(answers: Answers) -> None:
    assert "all-MiniLM-L6-v2" in answers.told["refused"]["model"]["message"]


def test_a_wrong_key_is_the_sdks_authentication_error(guarded: Server) -> None:
    with (
        openai.OpenAI(base_url=f"{guarded.url}/v1", api_key="wrong", max_retries=0) as client,
        pytest.raises(openai.AuthenticationError, match="Incorrect API key provided") as caught,
    ):
        client.embeddings.create(model="mini", input="a")
    assert caught.value.code == "invalid_api_key"


def test_the_right_key_is_let_in_and_never_logged(guarded: Server) -> None:
    with openai.OpenAI(base_url=f"{guarded.url}/v1", api_key=KEY, max_retries=0) as client:
        assert len(client.embeddings.create(model="mini", input=TEXT).data) == 1
    assert not any(KEY in line or TEXT in line for line in guarded.log)


def test_neither_key_nor_text_is_logged_over_http2(guarded: Server) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(http1=False, http2=True, base_url=guarded.url, headers=headers) as client:
        answer = client.post("/v1/embeddings", json={"input": TEXT})
    assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
    assert not any(KEY in line or TEXT in line or "hpack" in line for line in guarded.log)
