"""The Dockerfile as instructions, in stages."""

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
FROM = re.compile(r"(?P<base>\S+) AS (?P<name>\S+)")


@dataclass
class Stage:
    """A stage: what it starts from, and its instructions as word and rest."""

    name: str
    base: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [rest for found, rest in self.steps if found == word]


def read(text: str) -> tuple[dict[str, str], dict[str, Stage]]:
    """Return the arguments before the first stage, and the stages by name."""
    joined = re.sub(r"\\\n(\s*#.*\n)*", " ", text)
    arguments: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    for line in joined.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        word, rest = line.split(None, 1)
        if word == "FROM":
            found = FROM.fullmatch(rest.strip())
            assert found, f"a stage without a name: {line}"
            stages[found["name"]] = last = Stage(found["name"], found["base"])
        elif not stages:
            name, _, value = rest.partition("=")
            arguments[name] = value
        else:
            last.steps.append((word, rest.strip()))
    return arguments, stages


def lineage(stages: dict[str, Stage], name: str) -> list[Stage]:
    """Return a stage after those that it is built upon."""
    stage = stages[name]
    return [*(lineage(stages, stage.base) if stage.base in stages else []), stage]
