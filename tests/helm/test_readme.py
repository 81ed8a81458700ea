"""The chart's README lists every value, and says of the chart what Chart.yaml says."""

from collections.abc import Iterator
from typing import Any

import yaml

from .rendering import CHART, CI, ROOT, texts, values_of
from .values_table import README, described, replaced


def leaves(values: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the paths of all values that are no tables, and of tables that are empty."""
    if isinstance(values, dict) and values:
        for key, value in values.items():
            yield from leaves(value, (*path, key))
    else:
        yield path


def test_the_table_is_made_of_the_values() -> None:
    assert README.read_text() == replaced(README.read_text()), "run: make docs"


def test_every_value_is_described() -> None:
    text = (CHART / "values.yaml").read_text()
    told = {path for path, _ in described(text.splitlines())}
    # a table that is described as a whole, such as resources, speaks for what is in it
    silent = {
        path
        for path in leaves(yaml.safe_load(text))
        if not any(path[: length + 1] in told for length in range(len(path)))
    }
    assert silent == set()


def test_the_version_is_the_servers() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert f'version = "{chart["appVersion"]}"' in project


def test_examples_in_the_documentation_render() -> None:
    for page in (README, ROOT / "docs/deploy.md"):
        blocks = page.read_text().split("```yaml\n")[1:]
        assert blocks, page
        for block in blocks:
            assert texts(yaml.safe_load(block.split("```")[0]))


def test_the_readme_names_every_set_of_values() -> None:
    page = README.read_text()
    assert [file.stem for file in CI if f"`{file.stem}`" not in page] == []
    assert values_of(CI[0])
