"""HAProxy chooses a pool by header or path, says so where there is none, and leaves answers as they are."""

import json
import time
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor

import pytest

from .cluster import await_that
from .release import LIMITED, MOST_LIMITED, POOL, PROXY, Release, asked

BODY = {"input": "hello"}
VECTOR_BYTES = 384 * 4
MOST_INPUTS = 2048
DNS_GIVES_UP = 6.0  # seconds: HAProxy asks four times, a second apart


def answered_by(release: Release, path: str, headers: dict[str, str] | None = None) -> str:
    """Return the pool whose count of requests grew."""
    before = {pool: sum(release.served(pool).values()) for pool in (POOL, LIMITED)}
    status, _, body = asked(*release.address(), path, BODY, headers)
    assert (status, len(json.loads(body)["data"])) == (200, 1)
    [grown] = [pool for pool, count in before.items() if sum(release.served(pool).values()) > count]
    return grown


@pytest.mark.parametrize(
    ("path", "header", "pool"),
    [
        ("/v1/embeddings", None, POOL),
        ("/v1/embeddings", LIMITED, LIMITED),
        ("/v1/embeddings", POOL, POOL),
        ("/v1/embeddings", "", POOL),
        (f"/pools/{LIMITED}/v1/embeddings", None, LIMITED),
        (f"/pools/{LIMITED}/v1/embeddings?a=b", None, LIMITED),
        (f"/pools/{POOL}/v1/embeddings", None, POOL),
    ],
)
def test_header_or_path_choose_the_pool(release: Release, path: str, header: str | None, pool: str) -> None:
    release.scaled(2)
    assert answered_by(release, path, None if header is None else {"x-vectord-model": header}) == pool


def test_a_path_goes_before_the_header(release: Release) -> None:
    release.scaled(2)
    _, _, listed = asked(*release.address(), f"/pools/{LIMITED}/v1/models", None, {"x-vectord-model": POOL})
    assert LIMITED in {one["id"] for one in json.loads(listed)["data"]}


@pytest.mark.parametrize(
    ("path", "header", "told"),
    [
        (
            "/v1/embeddings",
            "other",
            "x-vectord-model names; there are: /models/limited, /models/small, limited, small.",
        ),
        ("/pools/other/v1/embeddings", POOL, "No such pool; there are: limited, small."),
        ("/pools", POOL, "No such pool; there are: limited, small."),
        (f"/pools/{POOL}s/v1/embeddings", POOL, "No such pool; there are: limited, small."),
    ],
)
def test_what_no_pool_serves_is_told_what_there_is(
    release: Release, path: str, header: str, told: str
) -> None:
    status, headers, body = asked(*release.scaled(2).address(), path, BODY, {"x-vectord-model": header})
    assert (status, headers["content-type"]) == (404, "application/json")
    assert json.loads(body)["error"]["message"].endswith(told)


def test_a_request_that_fits_no_buffer_goes_through(release: Release) -> None:
    texts = [f"{number} {'a' * 300}" for number in range(MOST_INPUTS)]
    body = {"input": texts, "encoding_format": "base64"}
    assert len(json.dumps(body)) > 2 * 262_144
    status, _, answer = asked(*release.scaled(2).address(), "/v1/embeddings", body)
    assert status == 200
    vectors = [b64decode(one["embedding"]) for one in json.loads(answer)["data"]]
    assert [len(one) for one in vectors] == [VECTOR_BYTES] * MOST_INPUTS


def test_a_refusal_comes_as_the_pod_said_it(release: Release) -> None:
    address = release.scaled(2).address()
    body = {"input": [f"{number} of many" for number in range(200)]}
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: asked(*address, f"/pools/{LIMITED}/v1/embeddings", body), range(16))
        )
    refused = [one for one in answers if one[0] == 429]
    assert {status for status, _, _ in answers} == {200, 429}
    assert 16 - len(refused) >= MOST_LIMITED
    for _, headers, content in refused:
        assert int(headers["retry-after"]) >= 1
        assert int(headers["retry-after-ms"]) > 0
        assert json.loads(content)["error"]["code"] == "overloaded"


def test_pods_stay_known_while_dns_is_silent(release: Release) -> None:
    [proxy] = release.scaled(2).cluster.endpoints(PROXY)
    release.cluster.dns.silent = True
    try:
        time.sleep(DNS_GIVES_UP)
        assert release.active(proxy, POOL) == 2
        assert asked(*release.address(), "/v1/embeddings", BODY)[0] == 200
    finally:
        release.cluster.dns.silent = False


def test_a_pool_without_a_pod_is_said_to_have_none(release: Release) -> None:
    release.cluster.scale(f"rel-vectord-{POOL}", 0)
    [proxy] = release.cluster.endpoints(PROXY)
    await_that(lambda: release.active(proxy, POOL) == 0, 20)
    status, headers, body = asked(*release.address(), "/v1/embeddings", BODY)
    assert (status, headers["retry-after"]) == (503, "1")
    assert json.loads(body)["error"]["message"] == "No replica of the pool can be reached now."
