"""Memory that does not suffice and devices that are lost, against a real process under load."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from vectord.hardware import detect

from .asking import GOOD, at_once, code, embed, metric, status, wait_for
from .conftest import Serve

TWO_CORES = pytest.mark.skipif(detect().cores < 2, reason="each replica needs a core")
BULK = [f"good words and more of them {number}" for number in range(300)]


def test_what_does_not_fit_in_memory_runs_in_halves(serve: Serve) -> None:
    with serve("--max-batch-tokens", "800", TROUBLE_MEMORY="200") as server:
        with ThreadPoolExecutor(1) as pool:
            bulk = pool.submit(embed, server, BULK)
            answers = at_once(server, [*GOOD, "raise it", "word " * 230])
        assert [answer.status_code for answer in answers] == [200] * len(GOOD) + [500, 500]
        assert "needs more memory than the device has free" in answers[-1].json()["error"]["message"]
        assert "memory" not in answers[-2].json()["error"]["message"]
        assert bulk.result().status_code == 200
        # the lane learns: a bulk of thousands of tokens met the limit a few times, and the next one does not
        told = [line for line in server.log if "does not fit in memory; batches hold" in line]
        assert 1 <= len(told) <= 6  # one, if the input that cannot fit comes first
        assert embed(server, [f"{text} again" for text in BULK]).status_code == 200
        assert len([line for line in server.log if "; batches hold" in line]) <= len(told) + 1
        assert status(server, "readyz") == status(server, "livez") == 200
    with serve() as server:
        wanted = embed(server, BULK).json()
    found = [one["embedding"] for one in bulk.result().json()["data"]]
    np.testing.assert_array_equal(found, [one["embedding"] for one in wanted["data"]])


@TWO_CORES
def test_a_lost_device_costs_its_own_batch_and_comes_back(serve: Serve) -> None:
    with serve("--replicas", "2", "--hang-seconds", "0.4") as server:
        answers = at_once(server, [*GOOD, "lost it"])
        assert code(answers[-1]) == (503, "unavailable")
        # what shared its batch is told to come again, and nothing else failed
        assert {answer.status_code for answer in answers[:-1]} <= {200, 503}
        assert all(answer.status_code == 200 for answer in at_once(server, GOOD))
        wait_for(lambda: metric(server, "vectord_abandoned_runners_total") == 1)
        assert status(server, "readyz") == status(server, "livez") == 200
        assert any("its device is lost" in line for line in server.log)
        assert embed(server, BULK).status_code == 200


@TWO_CORES
def test_a_device_that_stays_lost_leaves_the_other_answering(serve: Serve) -> None:
    with serve("--replicas", "2", "--hang-seconds", "0.4", TROUBLE_ONCE="1") as server:
        assert embed(server, "lost it").status_code == 503
        wait_for(lambda: status(server, "livez") == 503)
        assert status(server, "readyz") == 200
        assert all(answer.status_code == 200 for answer in at_once(server, GOOD))
        assert embed(server, BULK).status_code == 200


def test_without_a_device_left_nothing_waits(serve: Serve) -> None:
    with serve("--hang-seconds", "0.4", TROUBLE_ONCE="1") as server:
        with ThreadPoolExecutor(1) as pool:
            bulk = pool.submit(embed, server, BULK)
            assert embed(server, "lost it").status_code == 503
            assert bulk.result().status_code == 503
        wait_for(lambda: status(server, "livez") == 503)
        assert status(server, "readyz") == 503
        refused = embed(server, GOOD)
        assert code(refused) == (503, "unavailable")
        assert "restarted" in refused.json()["error"]["message"]
