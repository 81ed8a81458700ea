"""How near each family came to its reference, measured by `python -m tests.measure` on tiny checkpoints."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from vectord.core import Output

# below them, the precision is not chosen by itself
BFLOAT16_COSINE = 0.9995
BFLOAT16_TOKEN = 0.995


@dataclass(frozen=True, slots=True)
class Measured:
    """One output of one family.

    `farthest` is the largest difference of a figure in float32 for each backend. `bfloat16` is the cosine
    of OpenVINO's bfloat16 vector of a long text to the float32 one, `worst_token` that of the token that
    is worst off; None where there is no vector.
    """

    farthest: Mapping[str, float]
    bfloat16: float | None
    worst_token: float | None = None

    @property
    def keeps_bfloat16(self) -> bool:
        """Whether bfloat16 keeps the vectors right."""
        vector, token = self.bfloat16 or 0, self.worst_token or 0
        return vector >= BFLOAT16_COSINE and token >= BFLOAT16_TOKEN


@cache
def measured() -> Mapping[str, Mapping[Output, Measured]]:
    """Return what was measured, by family and output."""
    text = (files(__package__) / "measured.json").read_text(encoding="utf-8")
    return {
        family: {output: Measured(**one) for output, one in outputs.items()}
        for family, outputs in json.loads(text).items()
    }


def keeps_bfloat16(family: str, output: Output) -> bool:
    """Whether bfloat16 was measured to keep a family's vectors right."""
    found = measured().get(family, {}).get(output)
    return found is not None and found.keeps_bfloat16
