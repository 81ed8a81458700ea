"""Custom resources are what the schemas of their operators take, as npm's @kubernetes-models have them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .rendering import CI, Object, objects, values_of

CHECK = (Path(__file__).parent / "node/check.mjs").read_text()
NODE = Path(sys.prefix) / "node"  # where install.py puts the schemas
CUSTOM = ("HTTPRoute", "PrometheusRule", "ScaledObject", "ServiceMonitor")
pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (NODE / "node_modules").is_dir(), reason="no schemas without node"
)


def refusals(found: list[Object]) -> list[str]:
    """Return what the schemas say of each object; nothing: it is right."""
    command = ["node", "--input-type=module", "--eval", CHECK]
    done = subprocess.run(
        command, cwd=NODE, input=json.dumps(found), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


@pytest.fixture(scope="module")
def custom() -> list[Object]:
    return [one for file in CI for one in objects(values_of(file)) if one["kind"] in CUSTOM]


def test_custom_resources_are_what_their_operators_take(custom: list[Object]) -> None:
    assert {one["kind"] for one in custom} == set(CUSTOM)
    assert refusals(custom) == [""] * len(custom)


@pytest.mark.parametrize(
    ("kind", "spec", "says"),
    [
        ("HTTPRoute", {"parentRefs": [{}]}, "name"),
        ("PrometheusRule", {"groups": [{"rules": []}]}, "name"),
        ("ScaledObject", {"triggers": []}, "scaleTargetRef"),
        ("ServiceMonitor", {"selector": {}, "endpoints": "x"}, "array"),
    ],
)
def test_the_schemas_refuse_what_is_wrong(custom: list[Object], kind: str, spec: Object, says: str) -> None:
    one = next(one for one in custom if one["kind"] == kind)
    [refusal] = refusals([{**one, "spec": spec}])
    assert says in refusal
