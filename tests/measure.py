"""Measure every family against its reference and write the figures down: `python -m tests.measure`.

It takes some minutes. The tests themselves demand 1e-4; this says how near each backend really comes.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.backends.asked import all_asked, run
from tests.backends.running import BACKENDS, Model, cosines, farthest
from tests.checkpoints import FAMILIES, TEXTS, Shape, Style, build
from tests.checkpoints.heads import HEADS, POOLED
from vectord.core import Arrays, Batch, Dtype, Output
from vectord.hardware import detect
from vectord.models.families.measured import measured

FILE = Path(__file__).parents[1] / "models/families/measured.json"
SHAPES: tuple[Shape, ...] = ("small", "odd")
BOTH: tuple[Style, ...] = ("published", "resaved")
RENAMED = ("gte", "gte_rerank", "jina_v3")  # what the library of today saves under another model_type
LONG = 1500  # tokens


def main() -> None:
    """Measure all and write the file."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    # other poolings have states as large as their texts are long: their differences say nothing here
    heads = [name for name in HEADS if name not in POOLED]
    for name, shape in product((*FAMILIES, *heads), SHAPES):
        for style in BOTH if name in RENAMED else BOTH[:1]:
            measure(name, shape, style, found)
    FILE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    measured.cache_clear()


def measure(name: str, shape: Shape, style: Style, found: dict[str, dict[str, Any]]) -> None:
    """Take note of one checkpoint's figures."""
    with TemporaryDirectory() as folder:
        model = Model.at(build(name, Path(folder), shape=shape, style=style))
        measures = figures(model) if name in FAMILIES else figures_of_heads(model)
        for output, differences in measures.items():
            kept = found[model.card.family].setdefault(
                output, {"farthest": {}, "bfloat16": None, "worst_token": None}
            )
            note(kept, differences, bfloat16(model, output))
            print(name, shape, style, output, kept, flush=True)


def note(kept: dict[str, Any], differences: dict[str, float], cosines: dict[str, float]) -> None:
    """Keep the worst of what was measured."""
    for backend, difference in differences.items():
        kept["farthest"][backend] = max(kept["farthest"].get(backend, 0.0), float(f"{difference:.1e}"))
    for name, cosine in cosines.items():
        kept[name] = min(kept[name] or 1.0, round(cosine, 5))


def figures(model: Model) -> dict[Output, dict[str, float]]:
    """Return the largest difference to the reference on each backend, alone and in one batch."""
    encodings, answers = model.encodings(), model.answers()
    differences = {}
    for backend in BACKENDS:
        session = model.load(backend)
        together, alone = model.run(session, encodings), model.alone(session, encodings)
        differences[backend] = max(farthest(together, answers), farthest(alone, answers))
        session.close()
    return {model.card.head.output: differences}


def figures_of_heads(model: Model) -> dict[Output, dict[str, float]]:
    """Return the same for each output of a checkpoint."""
    asked = all_asked(model)
    found: dict[Output, dict[str, float]] = {one.output: dict.fromkeys(BACKENDS, 0.0) for one in asked}
    for backend in BACKENDS:
        session = model.load(backend)
        for one in asked:
            together = run(session, one.encodings, [one.output])
            alone = [run(session, [encoding], [one.output])[0] for encoding in one.encodings]
            rows = zip(one.encodings * 2, one.answers * 2, together + alone, strict=True)
            found[one.output][backend] = max(
                found[one.output][backend],
                *(farthest(one.read(row[one.output], encoding), answer) for encoding, answer, row in rows),
            )
        session.close()
    return found


def bfloat16(model: Model, output: Output) -> dict[str, float]:
    """Return the cosines of a long text's vector, and of its worst token, in bfloat16 to float32.

    Where each token has a vector that counts, the first is their mean.
    """
    tokens: dict[Output, Output] = {"embedding": "tokens", "vectors": "vectors"}
    if output not in tokens or not detect().native_bfloat16:
        return {}
    asked = (output, tokens[output])
    exact, rounded = long_text(model, "float32", asked), long_text(model, "bfloat16", asked)
    return {
        "bfloat16": float(cosines(exact[output], rounded[output]).mean()),
        "worst_token": float(cosines(exact[tokens[output]], rounded[tokens[output]]).min()),
    }


def long_text(model: Model, dtype: Dtype, outputs: Collection[Output] = ("embedding", "tokens")) -> Arrays:
    """Return OpenVINO's vectors of a text of 1,500 tokens, or as many as the network takes."""
    longest = min(LONG, model.card.arch.max_positions)
    able = replace(model, card=replace(model.card, max_length=longest))
    [encoding] = model.tokenizer.encode([" ".join(TEXTS * 40)], longest)
    session = able.load("openvino", dtype)
    arrays = session.run(Batch.of([encoding]), outputs)
    session.close()
    return arrays


if __name__ == "__main__":
    main()
