"""`vectord check` as a process: against a real server, and against servers that are wrong, slow or down."""

import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server import COMMAND, DEFAULT_MODEL, Server, environment, serving
from tests.shared import Checkpoints

from .answering import VECTORS, answering

needs_model = pytest.mark.skipif(DEFAULT_MODEL is None, reason="all-MiniLM-L6-v2 is not installed")
NAN = float("nan")


def check(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, "check", *arguments],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving("one=sentence-transformers/all-MiniLM-L6-v2", "--api-key", "first,second") as server:
        yield server


@needs_model
def test_a_real_server_passes(server: Server) -> None:
    done = check("--url", server.url, VECTORD_API_KEY="second")
    assert done.returncode == 0, done.stdout
    ready, embed, rerank = done.stdout.splitlines()
    assert ready.startswith(f"ok    ready: {server.url}, ")
    assert embed.startswith("ok    one embed: 384 dimensions, cosine of like texts 0.9")
    assert rerank.startswith("ok    one rerank: the answer is first, with 0.")


@needs_model
def test_the_address_may_be_that_of_openais_clients(server: Server) -> None:
    done = check("--url", f"{server.url}/v1/", "--task", "embed", "--model", "one", VECTORD_API_KEY="first")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)


@needs_model
def test_the_key_comes_from_the_variable_that_is_named(server: Server) -> None:
    done = check("--url", server.url, "--api-key-env", "KEY", KEY="first", VECTORD_API_KEY="wrong")
    assert done.returncode == 0, done.stdout


@needs_model
@pytest.mark.parametrize("key", ["", "third"])
def test_without_the_key_it_fails_in_one_line(server: Server, key: str) -> None:
    done = check("--url", server.url, VECTORD_API_KEY=key)
    assert done.returncode == 1
    _, line = done.stdout.splitlines()
    assert line.startswith("FAIL  models: 401 Incorrect API key provided.")
    assert key == "" or key not in done.stdout


@needs_model
def test_readiness_needs_no_key_and_is_asked_at_the_port_of_the_environment(server: Server) -> None:
    done = check("--ready", VECTORD_PORT=str(server.port))
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)


@needs_model
def test_a_model_that_is_not_served(server: Server) -> None:
    done = check("--url", server.url, "--model", "two", VECTORD_API_KEY="first")
    assert done.returncode == 1
    assert "FAIL  models: two is not served; there are one" in done.stdout


def test_a_model_that_nothing_here_checks_is_named(checkpoint: Checkpoints) -> None:
    with serving(f"labels={checkpoint('bert_classify')}") as server:
        done = check("--url", server.url)
    assert done.returncode == 0
    assert "skip  labels: can classify, which nothing here checks" in done.stdout


def embedded(*rows: list[float]) -> dict[str, Any]:
    return {"data": [{"index": index, "embedding": row} for index, row in enumerate(rows)]}


def ranked(*pairs: tuple[int, float]) -> dict[str, Any]:
    return {"results": [{"index": index, "relevance_score": score} for index, score in pairs]}


WRONG = {
    "too few vectors": ("/v1/embeddings", embedded([1.0, 0.0]), "does not hold 3 vectors"),
    "too many vectors": ("/v1/embeddings", embedded(*VECTORS, [1.0, 0.0]), "4 vectors for 3 texts"),
    "another width": ("/v1/embeddings", embedded(*[[1.0, 0.0, 0.0]] * 3), "has 3 dimensions, not 2"),
    "zeros": ("/v1/embeddings", embedded(*[[0.0, 0.0]] * 3), "length is 0.000, not 1"),
    "not of unit length": ("/v1/embeddings", embedded(*[[3.0, 4.0]] * 3), "length is 5.000, not 1"),
    "not a number": ("/v1/embeddings", embedded(*[[NAN, 1.0]] * 3), "no list of finite numbers"),
    "null": ("/v1/embeddings", {"data": [{"index": 0, "embedding": None}] * 3}, "does not hold 3 vectors"),
    "all alike": ("/v1/embeddings", embedded(*[[1.0, 0.0]] * 3), "cosine of 1.000, unlike ones 1.000"),
    "mixed up": ("/v1/embeddings", embedded(VECTORS[0], VECTORS[2], VECTORS[1]), "unlike ones 0.800"),
    "no vectors": ("/v1/embeddings", {}, "does not hold 3 vectors"),
    "not JSON": ("/v1/embeddings", b"<html>", "the answer is not JSON"),
    "no results": ("/v1/rerank", [], "holds no results"),
    "a document lost": ("/v1/rerank", ranked((1, 0.9), (0, 0.1)), "each of 3 documents once"),
    "a document twice": ("/v1/rerank", ranked((1, 0.9), (1, 0.5), (0, 0.1)), "each of 3 documents once"),
    "out of order": ("/v1/rerank", ranked((1, 0.1), (0, 0.5), (2, 0.9)), "in the order of their scores"),
    "the wrong one first": ("/v1/rerank", ranked((0, 0.9), (1, 0.5), (2, 0.1)), "is ranked first"),
    "no score": ("/v1/rerank", ranked((1, NAN), (0, 0.5), (2, 0.1)), "no finite number"),
    "no models": ("/v1/models", {"data": []}, "the server lists none"),
    "no list of models": ("/v1/models", [1], "does not list models"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_answer_is_seen(case: str) -> None:
    route, answer, complaint = WRONG[case]
    with answering({route: answer}) as url:
        done = check("--url", url)
    assert done.returncode == 1
    [line] = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert complaint in line
    assert done.stderr == ""


def test_right_answers_pass() -> None:
    with answering({}) as url:
        done = check("--url", url)
    assert done.returncode == 0, done.stdout
    assert len(done.stdout.splitlines()) == 3


def test_a_server_of_another_make_is_checked_for_vectors() -> None:
    with answering({"/v1/models": {"data": [{"id": "other"}]}}) as url:
        done = check("--url", url)
    assert (done.returncode, done.stdout.count("\nok    other embed: 2 dimensions")) == (0, 1)


def test_a_server_that_is_not_ready() -> None:
    with answering({"/readyz": {"status": "draining"}}, status=503) as url:
        done = check("--url", url)
    assert done.returncode == 1
    assert done.stdout == "FAIL  ready: 503 draining\n"


def test_the_servers_own_words_for_a_failure_are_told() -> None:
    with answering({"/v1/embeddings": {"error": {"message": "out\nof memory"}}}, status=500) as url:
        done = check("--url", url, "--task", "embed")
    assert "FAIL  mini embed: 500 out of memory" in done.stdout


@pytest.mark.parametrize("trickle", [True, False])
def test_a_server_that_is_slow_gets_no_more_than_the_time(trickle: bool) -> None:
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent, answering({"/readyz": {}}, trickle=True) as slow:
        url = slow if trickle else f"http://127.0.0.1:{silent.getsockname()[1]}"
        done = check("--url", url, "--timeout", "1")
    assert done.returncode == 1
    assert done.stdout == "FAIL  ready: no answer in time\n"
    assert time.monotonic() - began < 10


def test_a_server_that_is_down() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    done = check("--url", f"http://127.0.0.1:{port}")
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL  ready: cannot be reached: ")
    assert len(done.stdout.splitlines()) == 1


def test_what_speaks_no_tls() -> None:
    with answering({}) as url:
        done = check("--url", url.replace("http://", "https://"), "--ready")
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL  ready: cannot be reached: ")


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        (["--url", "localhost:8080"], 1, "--url localhost:8080: write http://HOST:PORT"),
        (["--url", "http://h:x"], 1, "--url http://h:x: write"),
        (["--api-key-env", "NO_SUCH"], 1, "--api-key-env NO_SUCH: the variable is not set"),
        (["--timeout", "0"], 2, "'0' is not a number of seconds above 0"),
        (["--task", "dance"], 2, "invalid choice: 'dance'"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], status: int, complaint: str) -> None:
    done = check(*arguments)
    assert done.returncode == status
    [line] = done.stderr.splitlines()
    assert line.startswith("vectord")
    assert complaint in line
