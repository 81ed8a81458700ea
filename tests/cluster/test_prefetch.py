"""The init container fetches the model from a hub, and the server then needs none."""

import json
import subprocess
from collections.abc import Iterator

import pytest

from tests.helm.rendering import server_of

from .cluster import await_that
from .programs import PYTHON, ROOT, packaged_model
from .release import POOL, Release, asked

HUB = """
import sys
from pathlib import Path
from tests.models.hub import COMMITS, REPOSITORY, Hub, serving

with serving(Hub({COMMITS["main"]: Path(sys.argv[1])})) as hub:
    print(hub.url, REPOSITORY, COMMITS["main"], flush=True)
    sys.stdin.read()
    print(sum(asked.startswith("GET") for asked in hub.asked))
"""


@pytest.fixture
def hub() -> Iterator["subprocess.Popen[str]"]:
    """A hub that holds the packaged model; it tells how often it was asked once its input ends."""
    with subprocess.Popen(
        (PYTHON, "-c", HUB, str(packaged_model())),
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield process
        process.kill()


def test_a_pod_fetches_its_model_first_and_then_needs_no_hub(
    release: Release, hub: "subprocess.Popen[str]"
) -> None:
    assert hub.stdout
    url, repository, revision = hub.stdout.readline().split()
    template = server_of(
        release.values(
            pools={
                "default": {"enabled": False},
                POOL: {"models": [{"id": repository, "revision": revision}]},
            },
            modelCache={"type": "emptyDir"},
            huggingface={"endpoint": url},
        ),
        POOL,
    )
    pod = release.cluster.kubelet.run(template, "prefetched")
    await_that(lambda: pod.ready, 60, pod.log.read_text)
    told, _ = hub.communicate("")
    assert int(told) > 5  # the tree, and each file
    pod.kill()
    await_that(lambda: pod.restarts == 1 and pod.ready, 60, pod.log.read_text)
    status, _, body = asked(pod.address, release.port, "/v1/embeddings", {"input": "hello"})
    assert (status, json.loads(body)["model"]) == (200, repository)
    pod.discard()
