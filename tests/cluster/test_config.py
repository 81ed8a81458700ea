"""HAProxy takes each configuration that the chart makes, without a warning."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.helm.debian import command
from tests.helm.rendering import CI, Object, of_kind, values_of


@pytest.mark.parametrize("file", CI, ids=lambda file: file.stem)
@pytest.mark.parametrize("changes", [{}, {"nameserver": "tcp@127.0.0.1:53"}], ids=["", "nameserver"])
def test_haproxy_has_nothing_to_say(file: Path, changes: Object, tmp_path: Path) -> None:
    values = values_of(file)
    values["service"] = {**values.get("service", {}), "headless": True}
    values["haproxy"] = {**values.get("haproxy", {}), "enabled": True, **changes}
    [found] = [one for one in of_kind("ConfigMap", values) if one["metadata"]["name"].endswith("-haproxy")]
    for name, content in found["data"].items():
        (tmp_path / name).write_text(content)
    checked = subprocess.run(
        (*(command("haproxy") or ()), "-c", "-f", str(tmp_path / "haproxy.cfg")),
        env={**os.environ, "ADDRESS": "127.0.0.1"}, capture_output=True, text=True,
    )  # fmt: skip
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "Configuration file is valid\n", "")
