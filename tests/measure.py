"""Measure every family against its reference and write the figures down: `python -m tests.measure`.

It takes some minutes. The tests themselves demand 1e-4; this says how near each backend really comes.
"""

import json
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tests.backends.running import BACKENDS, Model, cosines, farthest
from tests.checkpoints import FAMILIES, TEXTS, Shape, build
from vectord.core import Encoding
from vectord.hardware import detect
from vectord.models.families.measured import measured

FILE = Path(__file__).parents[1] / "models/families/measured.json"
SHAPES: tuple[Shape, ...] = ("small", "odd")
LONG = 1500  # tokens


def main() -> None:
    """Measure all and write the file."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for name in FAMILIES:
        for shape in SHAPES:
            with TemporaryDirectory() as folder:
                model = Model.at(build(name, Path(folder), shape=shape))
                family, output = model.card.family, model.card.head.output
                kept = found[family].setdefault(output, {"farthest": {}, "bfloat16": None})
                note(kept, figures(model), bfloat16(model))
                print(name, shape, kept, flush=True)
    FILE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    measured.cache_clear()


def note(kept: dict[str, Any], differences: dict[str, float], cosine: float | None) -> None:
    """Keep the worst of what was measured."""
    for backend, difference in differences.items():
        kept["farthest"][backend] = max(kept["farthest"].get(backend, 0.0), float(f"{difference:.1e}"))
    if cosine is not None:
        kept["bfloat16"] = min(kept["bfloat16"] or 1.0, round(cosine, 5))


def figures(model: Model) -> dict[str, float]:
    """Return the largest difference to the reference on each backend, alone and in one batch."""
    encodings, answers = model.encodings(), model.answers()
    differences = {}
    for backend in BACKENDS:
        session = model.load(backend)
        together, alone = model.run(session, encodings), model.alone(session, encodings)
        differences[backend] = max(farthest(together, answers), farthest(alone, answers))
        session.close()
    return differences


def bfloat16(model: Model) -> float | None:
    """Return the cosine of a long text's vector in bfloat16 on OpenVINO to the one in float32."""
    if model.card.head.output != "embedding" or not detect().native_bfloat16:
        return None
    encoding = long_input(model)
    rows = [model.run(model.load("openvino", dtype), [encoding]) for dtype in ("float32", "bfloat16")]
    return float(cosines(*rows)[0])


def long_input(model: Model) -> Encoding:
    """Return the first 1,500 tokens of all texts over and over, or as many as the network takes."""
    longest = min(LONG, model.card.arch.max_positions)
    [encoding] = model.tokenizer.encode([" ".join(TEXTS * 40)], longest)
    return Encoding(encoding.token_ids.astype(np.int32), encoding.type_ids)


if __name__ == "__main__":
    main()
