"""The values that docs/deploy.md shows are values of the chart."""

import re

import pytest
import yaml

from .rendering import ROOT, Object, of_kind

BLOCKS = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs/deploy.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_values_that_are_shown_render(block: str) -> None:
    values: Object = yaml.safe_load(block)
    pools = [name for name, pool in values.get("pools", {"default": {}}).items() if pool.get("enabled", True)]
    assert {one["metadata"]["labels"].get("vectord-pool") for one in of_kind("Service", values)} >= {*pools}


def test_there_are_some() -> None:
    assert len(BLOCKS) >= 4
