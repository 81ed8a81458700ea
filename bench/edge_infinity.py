"""infinity with its debug engine, made to answer the same vectors: a script for infinity's own venv.

Not imported from anywhere: infinity needs another numpy than vectord.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from infinity_emb.cli import cli
from infinity_emb.transformer.embedder.dummytransformer import DummyTransformer

from bench.edge_rows import unit_rows

ROWS = unit_rows(256)


def encode_core(self: Any, features: Any) -> Any:
    """Return as many rows as there are texts."""
    return ROWS[: len(features)]


DummyTransformer.encode_core = encode_core
sys.argv = [
    "infinity_emb", "v2", "--model-id", "stub", "--engine", "debugengine", "--port", sys.argv[1],
    "--batch-size", "256", "--no-model-warmup", "--log-level", "warning", "--url-prefix", "/v1",
]  # fmt: skip
cli()
