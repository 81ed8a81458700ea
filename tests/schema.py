"""`make test-schema`: schemathesis against a server of several tiny models.

Every operation of /openapi.json, with bodies as it allows and as it does not: no 5xx, no answer that it does
not describe, nothing accepted that it forbids.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import httpx
from prometheus_client.parser import text_string_to_metric_families

from tests.checkpoints import build
from tests.server import serving
from vectord.core import Task

# one for each task
MODELS = ("bert", "bert_rerank", "bert_classify", "bert_ner", "bert_splade", "bert_colbert", "bge_m3")
# a test's server may be a checkout's; see tests.server for why nothing else is passed on
KEPT = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
KEY = "a-key"


def main() -> int:
    """Serve, and run schemathesis with the given program and flags; return its exit status."""
    program, *flags = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        models = [f"{name}={build(name, Path(folder) / name)}" for name in MODELS]
        with serving(*models, "--backend", "onnx", "--api-key", KEY, env=KEPT) as server:
            config = Path(__file__).with_name("schemathesis.toml")
            command = [program, "--config-file", str(config), "run", f"{server.url}/openapi.json"]
            header = ("--header", f"Authorization: Bearer {KEY}")
            status = subprocess.call([*command, *header, *flags], cwd=folder, env=quiet())
            faults = list(counted_faults(f"{server.url}/metrics"))
        faults += [line for line in server.log if " failed: " in line or "Traceback" in line]
    print(*faults, sep="\n")
    return status or bool(faults)


def counted_faults(url: str) -> Iterator[str]:
    """Yield what the server's metrics tell against it after the run."""
    served: set[str] = set()
    for family in text_string_to_metric_families(httpx.get(url).text):
        for sample in family.samples:
            labels = sample.labels
            if family.name == "vectord_requests" and sample.value:
                served |= {labels["task"]} if labels["status"] == "200" else set()
                if labels["status"].startswith("5"):
                    yield f"{sample.value:g} requests of task {labels['task']} got {labels['status']}"
            if family.name in ("vectord_requests_waiting", "vectord_requests_running") and sample.value:
                yield f"{family.name} is {sample.value:g} after all is over"
    yield from (f"no good request of task {task} was tried" for task in sorted({*get_args(Task)} - served))


def quiet() -> dict[str, str]:
    """Return our variables without the path of the repository: the program has packages of its own."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


if __name__ == "__main__":
    sys.exit(main())
