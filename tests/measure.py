"""Measure every family against its reference and write the figures down: `python -m tests.measure`.

It takes some minutes. The tests themselves demand 1e-4; this says how near each backend really comes.
"""

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.backends.running import BACKENDS, Model, cosines, farthest
from tests.checkpoints import FAMILIES, TEXTS, Shape, build
from vectord.core import Arrays, Batch, Dtype
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
                kept = found[family].setdefault(
                    output, {"farthest": {}, "bfloat16": None, "worst_token": None}
                )
                note(kept, figures(model), bfloat16(model))
                print(name, shape, kept, flush=True)
    FILE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    measured.cache_clear()


def note(kept: dict[str, Any], differences: dict[str, float], cosines: dict[str, float]) -> None:
    """Keep the worst of what was measured."""
    for backend, difference in differences.items():
        kept["farthest"][backend] = max(kept["farthest"].get(backend, 0.0), float(f"{difference:.1e}"))
    for name, cosine in cosines.items():
        kept[name] = min(kept[name] or 1.0, round(cosine, 5))


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


def bfloat16(model: Model) -> dict[str, float]:
    """Return the cosines of a long text's vector, and of its worst token, in bfloat16 to float32."""
    if model.card.head.output != "embedding" or not detect().native_bfloat16:
        return {}
    exact, rounded = long_text(model, "float32"), long_text(model, "bfloat16")
    return {
        "bfloat16": float(cosines(exact["embedding"], rounded["embedding"]).min()),
        "worst_token": float(cosines(exact["tokens"], rounded["tokens"]).min()),
    }


def long_text(model: Model, dtype: Dtype) -> Arrays:
    """Return OpenVINO's vectors of a text of 1,500 tokens, or as many as the network takes."""
    longest = min(LONG, model.card.arch.max_positions)
    able = replace(model, card=replace(model.card, max_length=longest))
    [encoding] = model.tokenizer.encode([" ".join(TEXTS * 40)], longest)
    session = able.load("openvino", dtype)
    arrays = session.run(Batch.of([encoding]), ["embedding", "tokens"])
    session.close()
    return arrays


if __name__ == "__main__":
    main()
