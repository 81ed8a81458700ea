"""A process that asks a hub, with a cache of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """
import sys
from vectord.errors import CheckpointError
from vectord.models.card import read_card
from vectord.models.resolve import Reference, resolve

asked = Reference.parse(sys.argv[1])
try:
    card = read_card(asked.name, resolve(asked))
except CheckpointError as error:
    print(error)
else:
    print(card.name, card.source, card.revision, card.path)
"""


@dataclass(frozen=True)
class Client:
    """A fresh process with a cache of its own; the hub's library reads its variables at import."""

    home: Path
    url: str

    def environ(self, **variables: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "HF_HOME": str(self.home / "hf"),
            "HF_ENDPOINT": self.url,
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            **variables,
        }

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command],
            env=self.environ(**variables),
            capture_output=True,
            text=True,
            timeout=60,
        )

    def pull(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "vectord", "pull", *arguments, **variables)

    def resolve(self, target: str, **variables: str) -> str:
        """Return name, source, revision and folder of what is found, or the error's text."""
        done = self.run("-c", SCRIPT, target, **variables)
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert len(lines) == 1, lines
        return lines[0]
