"""Poison, hangs, crashes and deadlines against a real process."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tokenizers import Tokenizer

from tests.server import DEFAULT_MODEL
from vectord.hardware import detect

from .asking import GOOD, at_once, code, embed, metric, wait_for
from .backend import WORDS
from .conftest import Serve


def test_the_words_mean_what_the_backend_thinks() -> None:
    assert DEFAULT_MODEL is not None
    tokenizer = Tokenizer.from_file(str(DEFAULT_MODEL / "tokenizer.json"))
    for number, word in WORDS.items():
        assert tokenizer.encode(word).ids[1] == number


def test_only_the_poisonous_request_fails(serve: Serve) -> None:
    with serve() as server:
        answers = at_once(server, [*GOOD, "raise it", "nan it"])
        assert [answer.status_code for answer in answers] == [200] * len(GOOD) + [500, 500]
        assert {code(answer)[1] for answer in answers[-2:]} == {"backend_failed"}
        assert httpx.get(f"{server.url}/readyz").status_code == 200


def test_a_hang_costs_its_own_requests_alone(serve: Serve) -> None:
    with serve("--hang-seconds", "0.5") as server:
        assert embed(server, GOOD).status_code == 200
        start = time.monotonic()
        hung = embed(server, "hang it")
        assert code(hung) == (503, "unavailable")
        assert int(hung.headers["retry-after"]) >= 1
        assert time.monotonic() - start < 3
        wait_for(lambda: httpx.get(f"{server.url}/readyz").status_code == 200)
        assert all(answer.status_code == 200 for answer in at_once(server, GOOD))
        assert metric(server, "vectord_abandoned_runners_total") == 1
        assert httpx.get(f"{server.url}/livez").status_code == 200
        assert embed(server, "hang again").status_code == 503
        wait_for(lambda: httpx.get(f"{server.url}/livez").status_code == 503)
        server.terminate()
        server.wait()


@pytest.mark.skipif(detect().cores < 2, reason="each replica needs a core")
def test_a_hang_in_one_replica_leaves_the_other_answering(serve: Serve) -> None:
    with serve("--hang-seconds", "2", "--replicas", "2") as server, ThreadPoolExecutor(1) as pool:
        assert metric(server, "vectord_replicas") == 2
        assert httpx.get(f"{server.url}/info").json()["replicas"] == 2
        hung = pool.submit(embed, server, "hang it")
        wait_for(lambda: metric(server, "vectord_requests_running") == 1)
        assert all(answer.status_code == 200 for answer in at_once(server, GOOD))
        assert not hung.done()
        assert code(hung.result()) == (503, "unavailable")
        wait_for(lambda: httpx.get(f"{server.url}/readyz").status_code == 200)
        assert metric(server, "vectord_abandoned_runners_total") == 1
        assert all(answer.status_code == 200 for answer in at_once(server, GOOD))
        assert any("2 sessions" in line for line in server.log)


def test_a_deadline_is_kept_and_one_that_cannot_be_is_refused(serve: Serve) -> None:
    with serve() as server, ThreadPoolExecutor(1) as pool:
        assert code(embed(server, "slow it", **{"x-request-timeout-ms": "300"})) == (504, "deadline_exceeded")
        wait_for(lambda: metric(server, "vectord_requests_running") == 0)
        bulk = pool.submit(embed, server, [f"bulk of work {number}" for number in range(1000)])
        wait_for(lambda: metric(server, "vectord_requests_running") > 0)
        refused = embed(server, "good words", **{"request-timeout-ms": "1"})
        assert code(refused) == (429, "overloaded")
        assert embed(server, "good words", **{"x-request-timeout-ms": "20000"}).status_code == 200
        assert code(embed(server, "a", **{"x-request-timeout-ms": "soon"}))[0] == 400
        assert bulk.result().status_code == 200


def test_a_crash_ends_the_process_so_that_its_supervisor_sees_it(serve: Serve) -> None:
    with serve() as server, ThreadPoolExecutor(1) as pool:
        sent = pool.submit(embed, server, "crash it")
        assert server.wait(10) < 0
        assert isinstance(sent.exception(), httpx.TransportError)
    with serve() as server:
        assert embed(server, "good words").status_code == 200
