"""The table of values in the chart's README: `python -m tests.helm.values_table` writes it anew.

Each comment that begins with `# --` describes the key below it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "helm/vectord"
README = CHART / "README.md"
KEY = re.compile(r"(?P<indent> *)(?P<name>\w+):")
MARKED = re.compile(r"(<!-- begin values[^\n]*-->\n).*(<!-- end values -->)", re.DOTALL)


def described(lines: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the path and the description of each key that has one."""
    path: list[str] = []
    said = ""
    for line in lines:
        if line.lstrip().startswith("# -- "):
            said = line.lstrip()[5:]
        elif match := KEY.match(line):
            depth = len(match["indent"]) // 2
            path = [*path[:depth], match["name"]]
            if said:
                yield tuple(path), said
            said = ""


def value_at(values: Any, path: tuple[str, ...]) -> Any:
    """Return what lies at a path."""
    for name in path:
        values = values[name]
    return values


def table() -> str:
    """Return the values with their defaults and what they mean."""
    text = (CHART / "values.yaml").read_text()
    values = yaml.safe_load(text)
    rows = [
        f"| `{'.'.join(path)}` | `{json.dumps(value_at(values, path))}` | {says} |"
        for path, says in described(text.splitlines())
    ]
    return "\n".join(("| value | default | meaning |", "| --- | --- | --- |", *rows)) + "\n"


def replaced(page: str) -> str:
    """Return the README with the table as it should be."""
    return MARKED.sub(lambda found: found[1] + table() + found[2], page)


if __name__ == "__main__":
    README.write_text(replaced(README.read_text()))
