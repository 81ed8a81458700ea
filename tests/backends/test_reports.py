"""No library tells anybody anything of a user's models or machine."""

import sys
from pathlib import Path

import httpx
import pytest

from tests.server import DEFAULT_MODEL, serving


@pytest.mark.skipif(sys.platform != "linux", reason="open files are listed in /proc")
def test_no_runtime_keeps_reports_in_this_process() -> None:
    import onnxruntime  # noqa: F401
    import openvino  # noqa: F401

    names = [str(path.resolve()) for path in Path("/proc/self/fd").iterdir()]
    assert not [name for name in names if "Microsoft" in name]
    assert not sys.modules.get("openvino_telemetry")


@pytest.mark.skipif(DEFAULT_MODEL is None, reason="all-MiniLM-L6-v2 is not installed")
@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_a_server_leaves_no_reports_in_its_home(backend: str, tmp_path: Path) -> None:
    with serving("--backend", backend, env={"HOME": str(tmp_path)}) as server:
        assert httpx.post(f"{server.url}/v1/embeddings", json={"input": "a"}).status_code == 200
    left = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in left if "vectord" not in path]
